/** One row of the audit: all that it says, and whether it stands in the chain as it was written. */
import type { Effect } from '../../../audit/trail/steps.ts';
import type { RowView } from '../../../node-red/tower/audit.ts';
import { actName } from '../audit/words.ts';
import { hrefOf } from '../kit/address.ts';
import { dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page, type PageProps } from '../kit/page.ts';
import { useList } from '../kit/list.ts';
import { usePolled } from '../kit/poll.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';

export const page: Page = {
  path: '/tower/audit/:row',
  needs: 'crossdock.audit',
  view({ params: { row = '' } }: PageProps) {
    const { data, error, refresh } = usePolled<RowView>(hrefOf('/audit/row', { sequence: row }), 60);
    return html`<${Title} kind=${t('audit.nav')} text=${t('audit.rowIs', { row })} />
      <${Fault} error=${error} retry=${refresh} />
      ${data ? html`<${Row} view=${data} />` : !error && html`<${Loading} />`}
      <p><a href="/tower/audit">${t('audit.back')}</a></p>`;
  },
};

function Row({ view: { row, asWritten, follows, seal } }: { view: RowView }): View {
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
    ${seal && html`<${Steps} sequence=${sequence} seal=${seal} />`}
    <nav class="actions">
      ${sequence > 1 && html`<a href=${`/tower/audit/${sequence - 1}`}>${t('audit.earlier')}</a>`}${' '}
      <a href=${`/tower/audit/${sequence + 1}`}>${t('audit.later')}</a>
    </nav>`;
}

/** What the hub did in the hour that a seal is of: from here a person goes to the order and its record in Odoo. */
function Steps({ sequence, seal }: { sequence: number; seal: NonNullable<RowView['seal']> }): View {
  const { rows, error, more, refresh } = useList<Effect>(
    hrefOf('/audit/steps', { sequence: String(sequence) }),
    60,
  );
  const columns: Column<Effect>[] = [
    { id: 'time', text: t('audit.time'), value: ({ time }) => time, view: ({ time }) => dateTime(time) },
    { id: 'flow', text: t('audit.flow'), value: ({ flow, step }) => `${flow} / ${step}` },
    {
      id: 'outcome',
      text: t('audit.outcome'),
      value: ({ outcome, code }) => [outcome, code].filter(Boolean).join(' '),
    },
    { id: 'reference', text: t('audit.reference'), value: ({ reference }) => reference ?? '' },
    {
      id: 'correlation',
      text: t('audit.transaction'),
      value: ({ correlation_id: id }) => id,
      view: ({ correlation_id: id }) =>
        html`<a href=${hrefOf('/tower/search', { q: id })}><code>${id}</code></a>`,
    },
  ];
  return html`<section>
    <h2>${t('audit.steps')}</h2>
    <p class=${seal === 'differs' ? 'fault' : 'small'} role=${seal === 'differs' ? 'alert' : undefined}>
      ${t(`audit.seal-${seal}`)}
    </p>
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows &&
      html`<${Table}
        caption=${t('audit.steps')}
        columns=${columns}
        rows=${rows}
        rowKey=${(one: Effect) => `${one.time} ${one.correlation_id} ${one.step} ${one.reference}`}
        empty=${t('audit.noSteps')}
        more=${more}
      />`
    }
  </section>`;
}

function hashOf(hash: string | undefined): View {
  return hash === undefined ? '–' : html`<code>${hash}</code>`;
}

function verdictOf(asWritten: boolean, follows: boolean | undefined) {
  if (!asWritten) return 'audit.altered';
  if (follows === undefined) return 'audit.gone';
  return follows ? 'audit.sound' : 'audit.other';
}
