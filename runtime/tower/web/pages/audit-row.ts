/** One row of the audit: all that it says, and whether it stands in the chain as it was written. */
import type { RowView } from '../../../node-red/tower/audit.ts';
import { actName } from '../audit/words.ts';
import { hrefOf } from '../kit/address.ts';
import { dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page, type PageProps } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { t } from '../kit/text.ts';

export const page: Page = {
  path: '/tower/audit/:row',
  view({ params: { row = '' } }: PageProps) {
    const { data, error, refresh } = usePolled<RowView>(hrefOf('/audit/row', { sequence: row }), 60);
    return html`<${Title} kind=${t('audit.nav')} text=${t('audit.rowIs', { row })} />
      <${Fault} error=${error} retry=${refresh} />
      ${data ? html`<${Row} view=${data} />` : !error && html`<${Loading} />`}
      <p><a href="/tower/audit">${t('audit.back')}</a></p>`;
  },
};

function Row({ view: { row, asWritten, follows } }: { view: RowView }): View {
  const { sequence, time, who, from, act, object, outcome, before, after, reason, previous, hash } = row;
  const sound = asWritten && follows !== false;
  const told: [text: string, value: View][] = [
    [t('audit.time'), html`${dateTime(time)} <span class="small">${time}</span>`],
    [t('audit.who'), html`<a href=${hrefOf('/tower/audit', { who })}>${who}</a>`],
    [t('audit.act'), html`${actName(act)} <code>${act}</code>`],
    [t('audit.object'), html`<a href=${hrefOf('/tower/audit', { object })}>${object}</a>`],
    [t('audit.outcome'), t(`audit.is-${outcome}`)],
    [t('audit.from'), from],
    [t('audit.before'), hashOf(before)],
    [t('audit.after'), hashOf(after)],
    [
      t('audit.reason'),
      reason && /^[A-Z_]+$/.test(reason)
        ? html`<a href=${`/tower/codes/${reason}`}>${reason}</a>`
        : hashOf(reason),
    ],
    [t('audit.previous'), hashOf(previous)],
    [t('audit.hash'), hashOf(hash)],
  ];
  return html`<p class=${sound ? 'panel' : 'fault'} role=${sound ? undefined : 'alert'}>
      ${sound && html`<span class="badge good">✓</span> `}${t(verdictOf(asWritten, follows))}
    </p>
    <dl class="facts">
      ${told.map(
        ([text, value]) =>
          html`<dt key=${text}>${text}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <nav class="actions">
      ${sequence > 1 && html`<a href=${`/tower/audit/${sequence - 1}`}>${t('audit.earlier')}</a>`}${' '}
      <a href=${`/tower/audit/${sequence + 1}`}>${t('audit.later')}</a>
    </nav>`;
}

function hashOf(hash: string | undefined): View {
  return hash === undefined ? '–' : html`<code>${hash}</code>`;
}

function verdictOf(asWritten: boolean, follows: boolean | undefined) {
  if (!asWritten) return 'audit.altered';
  if (follows === undefined) return 'audit.gone';
  return follows ? 'audit.sound' : 'audit.other';
}
