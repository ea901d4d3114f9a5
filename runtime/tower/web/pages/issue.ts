/** An issue: what happened, how much waits with it, who looks at it, and what was decided. */
import type { IssueCase, IssueWhole } from '../../../node-red/tower/issues.ts';
import type { IssueEvent } from '../../../journal/tables.ts';
import type { Issue } from '../../issues.ts';
import { Decide } from '../issue/decide.ts';
import { Triage } from '../issue/triage.ts';
import { happened, moneyOf, nextStep, partnerOf, standing, StateBadge } from '../issue/words.ts';
import { hrefOf as addressOf } from '../kit/address.ts';
import { ago, dateTime, money } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, Title, type Page, type PageProps } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName, textOf } from '../kit/text.ts';

export const page: Page = { path: '/tower/issues/:id', view: IssuePage };

function IssuePage({ params: { id = '' } }: PageProps): View {
  const path = `/issues/${encodeURIComponent(id)}`;
  const { data, error, refresh } = usePolled<IssueWhole>(path);
  if (!data) return error ? html`<${Fault} error=${error} retry=${refresh} />` : html`<${Loading} />`;
  const { issue, events } = data;
  return html`<${Title} text=${happened(issue)} kind=${t('issues.issue')}>
      <${StateBadge} issue=${issue} />
    <//>
    <${Fault} error=${error} retry=${refresh} />
    ${standing(issue) && html`<p class="notice">${standing(issue)}</p>`}
    <${Decide} issue=${issue} onChange=${refresh} />
    <div class="panels issue">
      <section class="panel"><${Worth} issue=${issue} /></section>
      <section class="panel"><${About} issue=${issue} /></section>
    </div>
    ${issue.of !== 'breaks' && html`<${Triage} id=${issue.id} onDraft=${refresh} />`}
    <${Cases} issue=${issue} path=${`${path}/letters`} />
    <section class="panel">
      <h2>${t('issues.history')}</h2>
      <${History} events=${events} of=${issue.of} />
    </section>`;
}

const counted = {
  letters: 'issues.failed',
  processes: 'issues.asking',
  breaks: 'issues.broken',
} as const;

function Worth({ issue }: { issue: Issue }): View {
  const { of, count, running, orders, oldest, late, escalation } = issue;
  const due = issue.state === 'resolved' ? '' : issue.due;
  const many = t(counted[of], { count });
  return html`<div class="strip">
      <p>${t('issues.orders')} <b>${orders}</b></p>
      <p>${t(of === 'breaks' ? 'reconciliation.stake' : 'issues.money')} <b>${moneyOf(issue)}</b></p>
      <p>${t('issues.oldest')} <b title=${dateTime(oldest)}>${ago(oldest)}</b></p>
      ${due && html`<p>${t('issues.due')} <b title=${dateTime(due)} class=${late ? 'late' : ''}>${ago(due)}</b></p>`}
    </div>
    <p>${many}${running > 0 && html`; ${t('issues.running', { count: running })}`}</p>
    ${late && escalation && html`<p>${t('issues.escalates', { team: teamName(escalation) })}</p>`}`;
}

function About({ issue }: { issue: Issue }): View {
  const { team, person, asked, why, note } = issue;
  const facts: [string, View][] = [
    [t('issues.next'), nextStep(issue)],
    [t('issues.team'), teamName(team)],
    [t('issues.person'), person ?? t('issues.nobody')],
    [t('issues.partner'), partnerOf(issue)],
    ...placeOf(issue),
    ...(asked ? [[t('issues.asked'), asked] as [string, View]] : []),
    ...(note ? [[t('issues.noteTitle'), note] as [string, View]] : []),
  ];
  return html`<dl class="facts">
      ${facts
        .filter(([, value]) => value)
        .map(
          ([name, value]) =>
            html`<dt>${name}</dt>
              <dd>${value}</dd>`,
        )}
    </dl>
    <details>
      <summary>${t('issues.technical')}</summary>
      <p><code>${why}</code></p>
    </details>`;
}

/** Of breaks where in the chain, and the run that has them; else the flow. */
function placeOf({ id, of, flow, step, facts, count }: Issue): [string, View][] {
  if (of !== 'breaks') {
    const place = [flow || t('issues.everyFlow'), step].filter(Boolean).join(' / ');
    return [[t('issues.flow'), place]];
  }
  const run = String(facts['run'] ?? '');
  const href = addressOf('/tower/reconciliation', { run, ...(count > 0 && { issue: id }) });
  return [
    [t('issues.where'), textOf(`reconciliation.stage-${step}`) ?? step],
    [t('reconciliation.run'), html`<a href=${href}>${dateTime(run.split('/')[0]!)}</a>`],
  ];
}

const titles = {
  letters: 'issues.exceptions',
  processes: 'issues.processes',
  breaks: 'issues.breaks',
} as const;

function Cases({ issue, path }: { issue: Issue; path: string }): View {
  const { rows, error, more, refresh } = useList<IssueCase>(path);
  const columns = { letters: letterColumns, processes: processColumns, breaks: breakColumns };
  const title = t(titles[issue.of]);
  return html`<h2>${title}</h2>
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows
        ? html`<${Table}
            caption=${title}
            columns=${columns[issue.of]()}
            rows=${rows}
            rowKey=${keyOf}
            href=${hrefOf}
            empty=${t('issues.emptyLetters')}
            more=${more}
          />`
        : !error && html`<${Loading} />`
    }`;
}

function keyOf(one: IssueCase): string {
  return one.of === 'process' ? `${one.process}/${one.key}` : one.id;
}

function hrefOf(one: IssueCase): string {
  if (one.of === 'break') return addressOf('/tower/reconciliation', { run: one.run, break: one.id });
  return one.of === 'letter'
    ? `/tower/letters/${encodeURIComponent(one.id)}`
    : `/tower/orders/${encodeURIComponent(one.process)}/${encodeURIComponent(one.key)}`;
}

function nameOf(one: IssueCase): string {
  if (one.of === 'break') return one.order;
  return one.of === 'letter' ? one.subject : one.number || one.key;
}
function whyOf(one: IssueCase): string {
  if (one.of === 'break') return sidesOf(one);
  return one.of === 'letter' ? one.reason : one.why;
}
function timeOf(one: IssueCase): string {
  if (one.of === 'break') return one.since;
  return one.of === 'letter' ? one.last_failed : one.at;
}
function worthOf(one: IssueCase): { amount?: string | null; currency?: string | null } {
  return one.of === 'break' ? (one.stake ?? {}) : one;
}

const amount: () => Column<IssueCase> = () => ({
  id: 'amount',
  text: t('issues.amount'),
  value: (one) => worthOf(one).amount ?? undefined,
  view: (one) => {
    const { amount: worth, currency } = worthOf(one);
    return worth && money(worth, currency ?? undefined);
  },
  numeric: true,
});

const since = (text: string): Column<IssueCase> => ({
  id: 'time',
  text,
  value: timeOf,
  view: (one) => dateTime(timeOf(one)),
});

function sidesOf({ left, right }: Extract<IssueCase, { of: 'break' }>): string {
  return `${left.what}: ${left.amount}; ${right.what}: ${right.amount}`;
}

function breakColumns(): Column<IssueCase>[] {
  return [
    { id: 'order', text: t('issues.order'), value: nameOf },
    { id: 'about', text: t('issues.about'), value: (one) => (one.of === 'break' ? one.about : '') },
    { id: 'why', text: t('reconciliation.sides'), value: whyOf },
    amount(),
    since(t('issues.since')),
    {
      id: 'state',
      text: t('issues.letterState'),
      value: (one) => (one.of === 'break' ? t(`reconciliation.at-${one.state}`) : ''),
    },
  ];
}

function letterColumns(): Column<IssueCase>[] {
  return [
    { id: 'order', text: t('issues.order'), value: nameOf },
    { id: 'why', text: t('issues.why'), value: whyOf },
    { id: 'state', text: t('issues.letterState'), value: letterState },
    amount(),
    since(t('issues.failedAt')),
    {
      id: 'tries',
      text: t('issues.attempts'),
      value: (one) => (one.of === 'letter' ? one.attempts : 0),
      numeric: true,
    },
  ];
}

function processColumns(): Column<IssueCase>[] {
  return [
    { id: 'order', text: t('issues.order'), value: nameOf },
    { id: 'why', text: t('issues.why'), value: whyOf },
    amount(),
    since(t('issues.since')),
  ];
}

function letterState(one: IssueCase): string {
  if (one.of !== 'letter') return '';
  if (one.state === 'replayed') return t(one.unsettled ? 'issues.letterReplayed' : 'issues.letterLanded');
  if (one.state === 'parked') return t('issues.letterParked');
  return t(one.state === 'open' ? 'issues.letterOpen' : 'issues.letterDiscarded');
}

const did: Record<string, Parameters<typeof t>[0]> = {
  acknowledge: 'issues.didAcknowledge',
  resume: 'issues.didResume',
  assign: 'issues.didAssign',
  wait: 'issues.didWait',
  mute: 'issues.didMute',
  note: 'issues.didNote',
  resolved: 'issues.didResolved',
  reopened: 'issues.didReopened',
  'waiting ended': 'issues.didWaitingEnded',
  'mute ended': 'issues.didMuteEnded',
  draft: 'issues.didDraft',
  drafted: 'issues.didDrafted',
  'draft failed': 'issues.didDraftFailed',
};

/** Of breaks the next run tells that they are gone, or there again. */
const didOfBreaks: Record<string, Parameters<typeof t>[0]> = {
  ...did,
  resolved: 'issues.didAgree',
  reopened: 'issues.didBreakAgain',
};

function History({ events, of }: { events: IssueEvent[]; of: Issue['of'] }): View {
  if (events.length === 0) return html`<p class="small">${t('issues.noHistory')}</p>`;
  return html`<ol class="history">
    ${events.map(({ id, time, who, what, detail }) => {
      const key = (of === 'breaks' ? didOfBreaks : did)[what];
      return html`<li key=${id}>
        <time class="small" datetime=${time}>${dateTime(time)}</time>${' '}<b>${who}</b>${' '}
        ${key ? t(key) : what}${detail && html`: ${withTimes(detail)}`}
      </li>`;
    })}
  </ol>`;
}

/** An end stands there as the store has it. */
function withTimes(detail: string): string {
  return detail.replace(/\d{4}-\d\d-\d\dT[\d:.]+Z$/, dateTime);
}
