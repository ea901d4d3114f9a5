/** An error code: what it means, who acts, what to do, and what helped the last times it happened here. */
import type { Helped, Runbook } from '../../helped.ts';
import { ago, dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { t, textOf } from '../kit/text.ts';

export const page: Page = {
  path: '/tower/codes/:code',
  view({ params: { code = '' } }) {
    const { data: book, error, refresh } = usePolled<Runbook>(`/codes/${encodeURIComponent(code)}`, 30);
    if (!book)
      return error
        ? html`<${Title} kind=${t('runbook.one')} text=${code} /><${Fault} error=${error} retry=${refresh} />`
        : html`<${Loading} />`;
    return html`<${Title} kind=${t('runbook.one')} text=${book.code}>
        <a href="/tower/codes">${t('runbook.all')}</a>
      <//>
      <p class="lead">${book.meaning}</p>
      <section class="panel">
        <h2>${t('runbook.what')}</h2>
        <p>
          ${t('runbook.who', { owner: textOf(`runbook.owner-${book.owner}`) ?? book.owner })}
          ${' '}${book.retryable ? t('runbook.retryable') : t('runbook.lasting')}
        </p>
        <ol>
          ${book.steps.map((step) => html`<li key=${step}>${step}</li>`)}
        </ol>
        <p>
          ${t('runbook.open', { count: book.open })}
          ${book.open > 0 && html` <a href=${`/tower/queue?code=${book.code}`}>${t('runbook.queue')}</a>`}
        </p>
      </section>
      <section class="panel">
        <h2>${t('runbook.helped')}</h2>
        ${
          book.helped.length === 0
            ? html`<p>${t('runbook.never')}</p>`
            : html`<ol class="helped">
                ${book.helped.map((one) => html`<${Time} key=${`${one.time} ${one.what}`} helped=${one} />`)}
              </ol>`
        }
      </section>`;
  },
};

function Time({ helped }: { helped: Helped }): View {
  const { time, by, what, reason, changed, letters, flow } = helped;
  return html`<li>
    <p>
      <time datetime=${time} title=${dateTime(time)}>${ago(time)}</time>:${' '}
      <strong>${t(`runbook.${what}`, { count: letters, by })}</strong> ${outcomeOf(helped)}
    </p>
    ${reason && html`<p>${reason}</p>`}
    ${changed && changed.length > 0 && html`<p>${t('runbook.changed', { fields: changed.join(', ') })}</p>`}
    ${flow && html`<p>${t('runbook.flow', flow)}</p>`}
  </li>`;
}

function outcomeOf({ what, landed, looked }: Helped): View {
  if (what === 'discarded') return null;
  if (landed === looked) return html`<span class="good">${t('runbook.landed')}</span>`;
  return html`<span class="bad">${t('runbook.landedSome', { landed, looked })}</span>`;
}
