/** The milestones of an order: what was planned and what became of it, how late in words. */
import type { Milestone } from '../../../order/rail.ts';
import { dateTime } from '../../kit/format.ts';
import { html, type View } from '../../kit/html.ts';
import { Rail, type Milestone as Shown } from '../../kit/rail.ts';
import { t, textOf } from '../../kit/text.ts';
import type { Key } from '../../texts/wording.ts';
import { stepName } from './sentences.ts';

export function OrderRail({ milestones }: { milestones: readonly Milestone[] }): View {
  return html`<section class="panel">
    <${Rail} label=${t('orders.rail')} milestones=${milestones.map(shown)} />
  </section>`;
}

const states: Record<Milestone['state'], Shown['state']> = {
  waiting: 'waiting',
  doing: 'doing',
  partly: 'doing',
  done: 'done',
  late: 'doing',
  failed: 'failed',
  undoing: 'doing',
  undone: 'skipped',
};

function shown(one: Milestone): Shown {
  const { step, state, late } = one;
  return {
    id: step,
    text: stepName(step),
    state: states[state],
    said: saidOf(one),
    late: late !== undefined,
    detail: html`<${Dates} milestone=${one} />`,
  };
}

function saidOf({ state, late }: Milestone): string {
  const words = t(`orders.stands.${state}`);
  if (late === undefined) return words;
  const days = lateWords(late);
  return state === 'late' || state === 'doing' ? days : t('orders.standsLate', { state: words, late: days });
}

/** Whole business days: 1.9 days are one. */
export function lateWords(days: number): string {
  return days < 1 ? t('orders.lateToday') : t('orders.late', { count: Math.floor(days) });
}

function Dates({ milestone }: { milestone: Milestone }): View {
  const { begun, planned, done, within } = milestone;
  const [, count = '', unit = ''] = /^(\d+)([smhd])$/.exec(within ?? '') ?? [];
  return html`${begun && !done && html`<div>${t('orders.begun', { at: dateTime(begun) })}</div>`}
  ${planned && html`<div>${t('orders.planned', { at: dateTime(planned) })}</div>`}
  ${done && html`<div>${t('orders.actual', { at: dateTime(done) })}</div>`}
  ${
    unit &&
    html`<div>
      ${t('orders.given', { time: textOf(`orders.unit.${unit}` satisfies string as Key, { count }) ?? '' })}
    </div>`
  }`;
}
