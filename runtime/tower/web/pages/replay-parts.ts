/** What the pages of replays show in the same way: where one stands, how money and reasons are said. */
import type { Why } from '../../../replay/judge.ts';
import type { Sums } from '../../../replay/money.ts';
import type { PlanState } from '../../../replay/state.ts';
import { date, dateTime, money } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { t, textOf } from '../kit/text.ts';

const looks: Record<PlanState, string> = {
  planned: '',
  approval: 'warning',
  running: 'good',
  paused: 'warning',
  stopped: 'bad',
  cancelled: '',
  done: 'good',
};

export function StateBadge({ state }: { state: PlanState }): View {
  return html`<span class=${`badge ${looks[state]}`}>${t(`replay.at-${state}`)}</span>`;
}

export function sumsText(sums: Sums): string {
  return Object.entries(sums)
    .map(([currency, amount]) => money(amount, currency))
    .join(' + ');
}

/** The reason of a judgement as a sentence. */
export function whyText({ key, ...facts }: Why): string {
  const shown = Object.entries(facts).map(([name, value]) => [name, shownAs(name, value)]);
  return textOf(`replay.why-${key}`, Object.fromEntries(shown) as Record<string, string>) ?? key;
}

function shownAs(name: string, value: string): string {
  if (name === 'time') return dateTime(value);
  return name === 'date' || name === 'lockDate' ? date(value) : value;
}
