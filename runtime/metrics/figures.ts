/** What the hub counts while it works, each at one place of the way of a message, in memory. */
import { networkFailures, type Told } from '../http/exchange.ts';
import { codes } from '../errors/codes.ts';
import type { Authority } from '../authority/authority.ts';
import type { Step } from '../journal/step.ts';
import type { ConsumedQueue } from '../limits/backlog.ts';
import type { Tier } from '../limits/limits.ts';
import type { ProcessDefinition } from '../process/definition.ts';
import { breakClasses } from '../reconcile/break-classes.ts';
import { openSeries, type Series, type Vocabulary } from './series.ts';
import { outcomes, OTHER, states, type CounterName, type Ending } from './table.ts';

export interface Figures {
  /** A webhook, by the path of its route; undefined where none matched. */
  answered(route: string | undefined, status: number): void;
  /** The work on a message, whose books are closed. */
  ended(delivery: Ended): void;
  /** What became of a message that failed, and why. */
  failed(what: Failing, flow: string, code: string): void;
  /** Calls through the connection of this name, of a flow file. */
  calls(target: string): Told;
  readonly series: Series;
}

/** A delivery, as far as it is counted. */
interface Ended {
  readonly flow: string;
  /** As `performance.now()`. */
  readonly begun: number;
  readonly failure?: unknown;
  readonly repeated?: unknown;
  readonly steps: readonly Pick<Step, 'outcome'>[];
}

export type Failing = 'retries' | 'dead_letters' | 'outages';

const counters: Record<Failing, CounterName & `crossdock_${Failing}_total`> = {
  retries: 'crossdock_retries_total',
  dead_letters: 'crossdock_dead_letters_total',
  outages: 'crossdock_outages_total',
};

/** What the files of the hub name. */
export interface Named {
  tiers: ReadonlyMap<string, Tier>;
  processes: ReadonlyMap<string, ProcessDefinition>;
  consumers: ReadonlySet<Pick<ConsumedQueue, 'flow' | 'queue'>>;
  authority: Authority;
}

export function openFigures(hub: () => Named): Figures {
  const targets = new Set<string>();
  const series = openSeries(vocabulary(hub, targets));
  return {
    series,
    answered: (route = OTHER, status) =>
      series.count('crossdock_webhook_requests_total', { route, status: String(status) }),
    ended: ({ flow, begun, ...delivery }) => {
      const seconds = (performance.now() - begun) / 1000;
      series.time('crossdock_message_seconds', { flow, outcome: endingOf(delivery) }, seconds);
    },
    failed: (what, flow, code) => series.count(counters[what], { flow, code }),
    calls(target) {
      targets.add(target);
      return (came) => series.count('crossdock_calls_total', { target, status: String(came) });
    },
  };
}

const failures = outcomes.filter((one) => one !== 'done' && one !== 'duplicate');

/** The last step of what failed says what was decided; an outage that is known is not noted again. */
export function endingOf({
  failure,
  repeated,
  steps,
}: Pick<Ended, 'failure' | 'repeated' | 'steps'>): Ending {
  if (!failure) return repeated ? 'duplicate' : 'done';
  const last = steps.at(-1)?.outcome;
  return failures.find((one) => one === last) ?? 'outage';
}

function vocabulary(hub: () => Named, targets: ReadonlySet<string>): Vocabulary {
  const process = (name = '') => hub().processes.get(name);
  return {
    // Only routes that are mounted come here.
    route: () => true,
    status: (word) => /^[1-5]\d\d$/.test(word) || networkFailures.some((one) => one === word),
    // The hub's own takers, as that of alerts, are in no file.
    flow: (word) => hub().tiers.has(word) || [...hub().consumers].some(({ flow }) => flow === word),
    outcome: (word) => outcomes.some((one) => one === word),
    code: (word) => Object.hasOwn(codes, word),
    target: (word) => targets.has(word),
    queue: (word) => [...hub().consumers].some(({ queue }) => queue === word),
    state: (word) => states.some((one) => one === word),
    process: (word) => process(word) !== undefined,
    step: (word, labels) => Object.hasOwn(process(labels.process)?.steps ?? {}, word),
    class: (word) => breakClasses.some((one) => one === word),
    // Where no file names the systems, whoever the flows name.
    channel: (word) => hub().authority.sources.size === 0 || hub().authority.sources.has(word),
  };
}
