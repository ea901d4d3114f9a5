/** How the hub does: what to look at, then queues, outages, hubs, flows and the store, each with its picture over time. */
import type { Health } from '../../health.ts';
import type { Pictures, Range } from '../../pictures.ts';
import { Hubs, Outages, Queues, ageOf, contentName, waiting } from '../health/now.ts';
import { Flows, Store } from '../health/work.ts';
import { ago, duration } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { useFilter } from '../kit/route.ts';
import { t } from '../kit/text.ts';

const ranges: readonly Range[] = ['day', 'fortnight', 'quarter'];
/** From here on the oldest message of a queue is worth a word. */
const OLD_S = 900;
const FEW_DAYS = 14;

export const page: Page = {
  path: '/tower/health',
  nav: { text: 'health.title', order: 60 },
  view: HealthPage,
};

function HealthPage(): View {
  const [filter, setFilter] = useFilter('range');
  const range = ranges.find((one) => one === filter.range) ?? 'day';
  const { data: now, error, refresh } = usePolled<Health>('/health', 10);
  const drawn = usePolled<Pictures>(`/health/pictures?range=${range}`, 60);
  const choose = (event: Event) => setFilter({ range: (event.target as HTMLSelectElement).value });
  const pictures = drawn.data;
  return html`<${Title} text=${t('health.title')}>
      <label>
        ${t('health.range')}${' '}
        <select value=${range} onChange=${choose}>
          ${ranges.map((one) => html`<option key=${one} value=${one}>${t(`health.range.${one}`)}</option>`)}
        </select>
      </label>
    <//>
    <${Fault} error=${error} retry=${refresh} />
    ${now ? html`<${Sentences} now=${now} />` : !error && html`<${Loading} />`}
    ${!now?.away.journal && html`<${Fault} error=${drawn.error} retry=${drawn.refresh} />`}
    ${
      now &&
      html`<${Queues} now=${now} pictures=${pictures} />
        <${Outages} now=${now} pictures=${pictures} />
        <${Hubs} now=${now} pictures=${pictures} />`
    }
    ${pictures && html`<${Flows} pictures=${pictures} />`}
    ${now && html`<${Store} store=${now.store} pictures=${pictures} />`}
    <p><a href="/tower/secrets">${t('secrets.link')}</a></p>`;
}

function Sentences({ now }: { now: Health }): View {
  const told = sentencesOf(now);
  if (told.length === 0)
    return html`<p class="panel"><span class="badge good">✓</span> ${t('health.well')}</p>`;
  return html`<section class="notice" role="status">
    <h2>${t('health.unwell')}</h2>
    <ul class="health-list">
      ${told.map((one) => html`<li key=${one}>${one}</li>`)}
    </ul>
  </section>`;
}

function sentencesOf({ away, outages, consumers, queues, store, ...rest }: Health): string[] {
  const days = store.daysLeft;
  return [
    ...rolloutSentences(rest),
    ...(away.broker ? [t('health.brokerAway')] : []),
    ...(away.journal ? [t('health.journalAway')] : []),
    // Each hub meets the same one.
    ...[...new Map(outages.toReversed().map((one) => [one.flow, one])).values()].map(
      ({ flow, code, since }) => t('health.saidOutage', { flow, code, since: ago(since) }),
    ),
    ...consumers.flatMap(({ flow, failed, code = '' }) =>
      failed > 0 ? [t('health.saidFailed', { flow, code })] : [],
    ),
    ...queues.flatMap((one) =>
      one.consumers === 0 && waiting(one) > 0
        ? [t('health.saidUnconsumed', { queue: one.queue, count: waiting(one) })]
        : [],
    ),
    ...queues.flatMap(({ queue, oldest }) =>
      oldest && ageOf(oldest) > OLD_S ? [t('health.saidOld', { queue, age: duration(ageOf(oldest)) })] : [],
    ),
    ...(days !== undefined && days < FEW_DAYS ? [t('health.saidStore', { count: days })] : []),
  ];
}

function rolloutSentences({ rollout, takenBack }: Pick<Health, 'rollout' | 'takenBack'>): string[] {
  if (rollout) {
    const { by, began, done } = rollout;
    const told = { what: contentName(rollout), by, since: ago(began), count: done };
    return [t(rollout.back ? 'health.rolloutBack' : 'health.rollout', told)];
  }
  if (!takenBack) return [];
  const { by, reason = '', code = '' } = takenBack;
  return [t('health.takenBack', { what: contentName(takenBack), by, reason, code })];
}
