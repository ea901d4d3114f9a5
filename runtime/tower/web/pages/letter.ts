/** One exception: what happened, what was tried, and what a person does about it. */
import type { LetterView } from '../../letters.ts';
import type { Mended } from '../../mend.ts';
import { post, type ApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.ts';
import { ago, dateTime } from '../kit/format.ts';
import { editorOf, hrefOf } from '../kit/address.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { may, useMe } from '../kit/session.ts';
import { t, textOf } from '../kit/text.ts';
import { EditData } from '../mend/edit.ts';
import { Gap } from '../mend/gap.ts';

export const page: Page = {
  path: '/tower/letters/:id',
  view({ params: { id = '' } }) {
    const {
      data: view,
      error,
      refresh,
    } = usePolled<LetterView>(`/letters/letter?id=${encodeURIComponent(id)}`, 5);
    if (!view)
      return error
        ? html`<${Title} text=${t('letter.one')} /><${Fault} error=${error} retry=${refresh} />`
        : html`<${Loading} />`;
    return html`<${Letter} ...${{ view, refresh, error }} />`;
  },
};

interface LetterProps {
  view: LetterView;
  refresh(): Promise<void>;
  error: ApiError | undefined;
}

function Letter({ view, refresh, error }: LetterProps): View {
  const { letter, open, gap } = view;
  const { id, message } = letter;
  const [editing, edit] = useState(false);
  const [failed, fail] = useState<ApiError>();
  const [discarding, discard] = useState(false);
  const [mended, setMended] = useState<Mended>();
  const act = async (path: string, more: object = {}): Promise<void> => {
    fail(undefined);
    try {
      await post(`/letters/${path}`, { id, lastFailed: letter.lastFailed, ...more });
      discard(false);
    } catch (problem) {
      fail(problem as ApiError);
    }
    await refresh();
  };
  const onMended = (done: Mended): void => {
    setMended(done);
    void refresh();
  };
  const sent = (): void => {
    edit(false);
    void refresh();
  };
  return html`<${Title}
      kind=${t('letter.one')}
      text=${t('letter.title', { subject: message.subject, flow: letter.flow })}
    >
      ${open && may('crossdock.replay') && html`<button type="button" onClick=${() => act('replay')}>${t('letter.replay')}</button>`}
      ${open && may('crossdock.replay') && may('crossdock.data') && html`<button type="button" onClick=${() => edit(true)}>${t('letter.edit')}</button>`}
      ${open && may('crossdock.discard') && html`<button type="button" onClick=${() => discard(true)}>${t('letter.discard')}</button>`}
    <//>
    <${Fault} error=${failed ?? error} />
    <${Happened} view=${view} />
    <${Decided} view=${view} />
    ${gap && (open || mended) && html`<${Gap} ...${{ id, mended, onMended }} />`}
    ${editing && open && html`<${EditData} id=${id} onSent=${sent} onCancel=${() => edit(false)} />`}
    <${Facts} letter=${letter} />
    <${Tries} letter=${letter} />
    ${discarding && html`<${Discard} onClose=${() => discard(false)} onSay=${(reason: string) => act('discard', { reason })} />`}`;
}

function Happened({ view: { letter, meaning, action, owner } }: { view: LetterView }): View {
  const { id, message, flow, code, reason, lastFailed, attempts, state, waitsFor, until, emptied } = letter;
  const steps = useMe()?.authored && !emptied && may('crossdock.author') && may('crossdock.data');
  return html`<section class="panel">
    <h2>${t('letter.happened')}</h2>
    <p>
      ${t('letter.sentence', { type: message.type, subject: message.subject, flow, when: ago(lastFailed) })}
    </p>
    <blockquote class="reason">${reason}</blockquote>
    <p>${meaning} <a href=${`/tower/codes/${code}`}>${code}</a></p>
    <p>
      <strong>${t('letter.next', { owner: textOf(`runbook.owner-${owner}`) ?? owner })}</strong> ${action}
    </p>
    ${state === 'parked' && html`<p class="notice">${t('letter.parked', { record: waitsFor ?? '', until: until ? dateTime(until) : '' })}</p>`}
    <p>
      ${t('letter.tries', { count: attempts })} ${' '}<a
        href=${`/tower/search?q=${encodeURIComponent(message.subject)}`}
        >${t('letter.find', { subject: message.subject })}</a
      >
      ${' '}<a href=${editorOf(flow)}>${t('letter.flow', { flow })}</a>
      ${' '}${steps && html`<a href=${hrefOf('/workspace/tests', { flow, letter: id })}>${t('letter.step')}</a>`}
    </p>
  </section>`;
}

/** What was decided, and what came of it. */
function Decided({ view: { letter, since } }: { view: LetterView }): View {
  const { decision, state } = letter;
  if (!decision || (state !== 'replayed' && state !== 'discarded')) return null;
  const { by, time, reason, changed = [] } = decision;
  const landed = since.find(({ outcome }) => outcome === 'landed');
  return html`<section class=${`notice${landed ? ' done' : ''}`} role="status">
    <p>
      ${t(`letter.${state}`, { by, when: ago(time) })} ${reason}
      ${changed.length > 0 && t('letter.changed', { fields: changed.join(', ') })}
    </p>
    ${
      state === 'replayed' &&
      html`<p>
        ${landed ? html`<strong class="landed">${t('letter.landed', { reference: landed.reference ?? '' })}</strong>` : t('letter.onItsWay')}
      </p>`
    }
  </section>`;
}

function Facts({ letter: { facts, message, queue, flowVersion } }: Pick<LetterView, 'letter'>): View {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  const technical = {
    id: message.id,
    queue,
    source: message.source,
    correlationid: message.correlationid,
    flowVersion,
  };
  const list = (entries: [string, unknown][]): View =>
    html`<dl class="facts">
      ${entries.map(
        ([name, value]) =>
          html`<dt>${name}</dt>
            <dd>${String(value)}</dd>`,
      )}
    </dl>`;
  return html`<section class="panel">
    ${
      known.length > 0 &&
      html`<h2>${t('letter.facts')}</h2>
        ${list(known)}`
    }
    <details>
      <summary>${t('letter.technical')}</summary>
      ${list(Object.entries(technical))}
    </details>
  </section>`;
}

function Tries({ letter: { history } }: Pick<LetterView, 'letter'>): View {
  if (history.length === 0) return null;
  return html`<section class="panel">
    <h2>${t('letter.history')}</h2>
    <ol class="tries">
      ${history.map(
        ({ time, code, detail, flowVersion }) =>
          html`<li key=${`${time} ${code}`}>
            <time datetime=${time}>${dateTime(time)}</time> <code>${code}</code> ${detail}${' '}
            <span class="small">${t('letter.version', { version: flowVersion })}</span>
          </li>`,
      )}
    </ol>
  </section>`;
}

function Discard({ onClose, onSay }: { onClose(): void; onSay(reason: string): Promise<void> }): View {
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    void onSay(String(new FormData(event.currentTarget as HTMLFormElement).get('reason')));
  };
  return html`<${Dialog} title=${t('letter.discard')} onClose=${onClose}>
    <form onSubmit=${submit}>
      <p>${t('letter.discardHelp')}</p>
      <label>${t('letter.reason')} <textarea name="reason" rows="3" required></textarea></label>
      <p class="buttons">
        <button class="primary">${t('letter.discard')}</button>
        <button type="button" onClick=${onClose}>${t('letter.cancel')}</button>
      </p>
    </form>
  <//>`;
}
