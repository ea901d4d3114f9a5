/** An issue in words: what happened, how much waits, and how it stands. */
import type { Issue, Money } from '../../issues.ts';
import { dateTime, money } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { t, textOf } from '../kit/text.ts';

/** In plain words where all that they need is known; else in those of the system. */
export function happened({
  code,
  facts: said,
  why,
  partner,
}: Pick<Issue, 'code' | 'facts' | 'why' | 'partner'>): string {
  const facts = Object.entries({ partner, ...said }).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const text = textOf(`causes.${code}`, Object.fromEntries(facts) as Record<string, string>);
  return text === undefined || /\{\w+\}/.test(text) ? why || code : text;
}

/** What to do first. */
export function nextStep({ code, action }: Pick<Issue, 'code' | 'action'>): string {
  return textOf(`steps.${code}`) ?? action;
}

export function partnerOf({ partner }: Issue): string {
  return partner || t('issues.everyPartner');
}

export function moneyOf({ money: sums, unpriced }: Pick<Issue, 'money' | 'unpriced'>): View {
  return html`${sums.map(
    ({ currency, amount }: Money) =>
      html`<span key=${currency} class="sum">${money(amount, currency)}</span>`,
  )}
  ${unpriced > 0 && html`<span class="small sum">${t('issues.unpriced', { count: unpriced })}</span>`}`;
}

const states = {
  open: 'issues.stateOpen',
  acknowledged: 'issues.stateAcknowledged',
  waiting: 'issues.stateWaiting',
  muted: 'issues.stateMuted',
  resolved: 'issues.stateResolved',
  active: 'issues.stateActive',
  all: 'issues.stateAll',
} as const;

export function stateText(state: keyof typeof states): string {
  return t(states[state]);
}

export function StateBadge({ issue }: { issue: Issue }): View {
  const { state, late } = issue;
  const kind = { open: 'bad', acknowledged: 'warning', waiting: '', muted: '', resolved: 'good' }[state];
  return html`<span class=${`badge ${kind}`}>${stateText(state)}</span>
    ${late && html` <span class="badge bad">${t('issues.late')}</span>`}`;
}

/** Until when it waits or is muted, and on whom or why. */
export function standing({ state, waitsOn = '', until = '', reason = '' }: Issue): string {
  if (state === 'waiting') return t('issues.waitsOn', { on: waitsOn, until: dateTime(until) });
  return state === 'muted' ? t('issues.mutedUntil', { until: dateTime(until), reason }) : '';
}
