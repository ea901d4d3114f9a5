/** One replay: what speaks against each of its messages, the run, and a second person's approval. */
import type { Verdict } from '../../../replay/judge.ts';
import type { PlanGroup } from '../../../replay/state.ts';
import type { ReplayItem, ReplayView } from '../../../replay/view.ts';
import { post, type ApiError } from '../kit/api.ts';
import { dateTime, duration, money, number } from '../kit/format.ts';
import { html, useState, type View } from '../kit/html.ts';
import { useList } from '../kit/list.ts';
import { Fault, Loading, said, Title, type Page, type PageProps } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { Table, type Column } from '../kit/table.ts';
import { t } from '../kit/text.ts';
import { Actions } from './replay-actions.ts';
import { StateBadge, sumsText, whyText } from './replay-parts.ts';

export const page: Page = { path: '/tower/replays/:id', view: Replay };

function Replay({ params: { id = '' } }: PageProps): View {
  const path = `/replays/${encodeURIComponent(id)}`;
  const { data: replay, error, refresh } = usePolled<ReplayView>(path, 3);
  const [include, setInclude] = useState<readonly Verdict[]>([]);
  const [failed, fail] = useState<ApiError>();
  if (!replay) return error ? html`<${Fault} error=${error} retry=${refresh} />` : html`<${Loading} />`;
  const act = async (what: string, body?: object): Promise<void> => {
    fail(undefined);
    try {
      await post(`${path}/${what}`, body);
    } catch (thrown) {
      fail(thrown as ApiError);
    }
    await refresh();
  };
  const text = replay.of || t('replay.chosen');
  return html`<${Title} text=${text} kind=${t('replay.one')}>
      <${StateBadge} state=${replay.state} />
      <${Actions} replay=${replay} include=${include} act=${act} />
    <//>
    <${Fault} error=${error} retry=${refresh} />
    ${failed && html`<p class="fault" role="alert">${said(failed)}</p>`}
    <${Needs} replay=${replay} />
    ${replay.run && html`<${Progress} replay=${replay} />`}
    <${Groups} replay=${replay} include=${include} onInclude=${setInclude} />
    <${Messages} path=${path} replay=${replay} />
    <${History} replay=${replay} />`;
}

/** Why a second person has to agree, and why it stopped. */
function Needs({ replay: { state, run } }: { replay: ReplayView }): View {
  if (state === 'stopped' && run?.stopped) {
    const { stopped } = run;
    const text =
      stopped.why === 'code'
        ? t('replay.stoppedCode', { count: stopped.count, code: stopped.code })
        : t('replay.stoppedShare', { landed: stopped.landed, of: stopped.of });
    return html`<p class="notice" role="status">${text}</p>`;
  }
  if (state !== 'approval' || !run) return null;
  const values = { letters: number(run.letters), money: sumsText(run.money) };
  return html`<div class="notice" role="status">
    <p>${t('replay.secondPerson')}</p>
    <ul>
      ${run.needs.map((need) => html`<li key=${need}>${t(`replay.need-${need}`, values)}</li>`)}
    </ul>
  </div>`;
}

const told = ['landed', 'failed', 'running', 'refused', 'cancelled'] as const;

function Progress({ replay: { run, counts, codes, state } }: { replay: ReplayView }): View {
  const over = counts.landed + counts.failed + counts.refused + counts.cancelled;
  const failures = Object.entries({ ...codes.failed, ...codes.refused });
  return html`<section class="panel">
    <h2>${t('replay.progress')}</h2>
    <progress class="run" max=${run!.letters} value=${over} aria-label=${t('replay.progress')}></progress>
    <div class="strip">
      ${told.map((name) => html`<p key=${name}><b>${number(counts[name])}</b> ${t(`replay.${name}`)}</p>`)}
      ${counts.waiting > 0 && html`<p><b>${number(counts.waiting)}</b> ${t('replay.waiting')}</p>`}
    </div>
    ${failures.length > 0 && html`<p class="small">${failures.map(([code, count]) => html`<a key=${code} href=${`/tower/codes/${code}`}>${code}</a> × ${number(count)} `)}</p>`}
    ${state === 'running' && html`<p class="small">${t('replay.canary')}</p>`}
    ${run!.approvedBy && html`<p class="small">${t('replay.approvedBy', { by: run!.approvedBy })}</p>`}
  </section>`;
}

interface GroupsProps {
  replay: ReplayView;
  include: readonly Verdict[];
  onInclude(verdicts: readonly Verdict[]): void;
}

function Groups({ replay, include, onInclude }: GroupsProps): View {
  const { groups, state, run, perSecond, drainSeconds } = replay;
  const isChosen = ({ verdict }: PlanGroup): boolean =>
    verdict === 'safe' || (run?.include ?? include).includes(verdict);
  const choose = ({ verdict }: PlanGroup): void =>
    onInclude(include.includes(verdict) ? include.filter((one) => one !== verdict) : [...include, verdict]);
  return html`<section>
    <h2>${t('replay.plan')}</h2>
    <p>${t('replay.planHelp')}</p>
    <${Table}
      caption=${t('replay.plan')}
      columns=${groupColumns(state, isChosen, choose)}
      rows=${groups}
      rowKey=${({ verdict }: PlanGroup) => verdict}
      empty=${t('replay.noMessages')}
      sortAs="groups"
    />
    ${drainSeconds > 0 && html`<p>${t('replay.drain', { time: duration(drainSeconds), perSecond: number(perSecond, 1) })}</p>`}
    <${WhatChanged} replay=${replay} />
  </section>`;
}

function groupColumns(
  state: ReplayView['state'],
  isChosen: (group: PlanGroup) => boolean,
  choose: (group: PlanGroup) => void,
): Column<PlanGroup>[] {
  return [
    {
      id: 'verdict',
      text: t('replay.verdict'),
      value: ({ verdict }) => t(`replay.verdict-${verdict}`),
      view: ({ verdict }) => html`<a href=${`?verdict=${verdict}`}>${t(`replay.verdict-${verdict}`)}</a>`,
    },
    {
      id: 'letters',
      text: t('replay.letters'),
      value: ({ letters }) => letters,
      view: ({ letters }) => number(letters),
      numeric: true,
    },
    {
      id: 'orders',
      text: t('replay.orders'),
      value: ({ orders }) => orders,
      view: ({ orders }) => number(orders),
      numeric: true,
    },
    { id: 'money', text: t('replay.money'), value: ({ money: sums }) => sumsText(sums), numeric: true },
    {
      id: 'include',
      text: t('replay.include'),
      value: (group) => (isChosen(group) ? 1 : 0),
      view: (group) =>
        html`<input
          type="checkbox"
          aria-label=${`${t('replay.include')}: ${t(`replay.verdict-${group.verdict}`)}`}
          checked=${isChosen(group)}
          disabled=${state !== 'planned' || group.verdict === 'safe' || group.verdict === 'decided'}
          onChange=${() => choose(group)}
        />`,
    },
  ];
}

/** Since these messages failed, and what could not be asked. */
function WhatChanged({ replay: { versions, unknown } }: { replay: ReplayView }): View {
  return html`<div class="panels">
    <div class="panel">
      <h3>${t('replay.versions')}</h3>
      <ul>
        ${versions.map(({ flow, was, now }) => html`<li key=${`${flow} ${was}`}>${now === undefined ? t('replay.versionUnknown', { flow, was }) : t('replay.versionNow', { flow, was, now })}</li>`)}
      </ul>
    </div>
    ${
      unknown.length > 0 &&
      html`<div class="panel">
        <h3>${t('replay.unknown')}</h3>
        <ul>
          ${unknown.map((one) => html`<li key=${one}>${t(one === 'odoo' ? 'replay.unknown-odoo' : 'replay.unknown-outages')}</li>`)}
        </ul>
      </div>`
    }
  </div>`;
}

const states = ['waiting', 'sent', 'landed', 'failed', 'refused', 'cancelled', 'out'] as const;

function Messages({ path, replay: { groups, run } }: { path: string; replay: ReplayView }): View {
  const [{ verdict, state }, setFilter] = useFilter('verdict', 'state');
  const query = new URLSearchParams(Object.entries({ verdict, state }).filter(([, value]) => value));
  const { rows, error, more, refresh } = useList<ReplayItem>(`${path}/items?${query}`, 5);
  const columns: Column<ReplayItem>[] = [
    { id: 'order', text: t('replay.order'), value: ({ subject }) => subject },
    { id: 'verdict', text: t('replay.verdict'), value: ({ verdict: one }) => t(`replay.verdict-${one}`) },
    { id: 'why', text: t('replay.reason'), value: ({ why }) => whyText(why) },
    { id: 'flow', text: t('replay.flow'), value: (item) => item.flow },
    { id: 'failed', text: t('replay.failedWith'), value: ({ failedCode }) => failedCode },
    {
      id: 'money',
      text: t('replay.money'),
      value: ({ amount }) => amount,
      view: ({ amount, currency }) => amount && money(amount, currency),
      numeric: true,
    },
    {
      id: 'state',
      text: t('replay.outcome'),
      value: (item) => [t(`replay.is-${item.state}`), item.code].filter(Boolean).join(': '),
    },
  ];
  const chosen = (name: string) => (event: Event) =>
    setFilter({ [name]: (event.target as HTMLSelectElement).value });
  return html`<section class="replay-messages">
    <h2>${t('replay.messages')}</h2>
    <div class="filters">
      <label>
        ${t('replay.verdict')}
        <select value=${verdict} onChange=${chosen('verdict')}>
          <option value="">${t('replay.all')}</option>
          ${groups.map(({ verdict: one }) => html`<option key=${one} value=${one}>${t(`replay.verdict-${one}`)}</option>`)}
        </select>
      </label>
      ${
        run &&
        html`<label>
          ${t('replay.state')}
          <select value=${state} onChange=${chosen('state')}>
            <option value="">${t('replay.all')}</option>
            ${states.map((one) => html`<option key=${one} value=${one}>${t(`replay.is-${one}`)}</option>`)}
          </select>
        </label>`
      }
    </div>
    <${Fault} error=${error} retry=${refresh} />
    ${
      rows &&
      html`<${Table}
        caption=${t('replay.messages')}
        columns=${columns}
        rows=${rows}
        rowKey=${({ n }: ReplayItem) => String(n)}
        href=${({ letter }: ReplayItem) => `/tower/letters/${encodeURIComponent(letter)}`}
        empty=${t('replay.noMessages')}
        more=${more}
      />`
    }
  </section>`;
}

function History({ replay: { history, made, by } }: { replay: ReplayView }): View {
  const all = [{ at: made, by, what: 'planned' as const }, ...history];
  return html`<section class="panel">
    <h2>${t('replay.history')}</h2>
    <ol class="plain">
      ${all.map((one) => html`<li key=${one.at}>${dateTime(one.at)} · ${one.by} · ${t(`replay.at-${one.what}`)}</li>`)}
    </ol>
  </section>`;
}
