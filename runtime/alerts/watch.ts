/** Looks what is wrong each half minute, on one hub of all, and tells it through a queue of the hub's own. */
import type { Consumer } from '../broker/broker.ts';
import { envelope } from '../envelope/envelope.ts';
import { outsideOf } from '../audit/trail/outside.ts';
import { asCoded } from '../errors/coded-error.ts';
import type { Figures } from '../figures/figures.ts';
import type { Consuming, Hub } from '../hub/hub.ts';
import { regularly } from '../limits/regularly.ts';
import type { Overused } from '../interfaces/use/overused.ts';
import { health } from '../tower/health.ts';
import type { SecretRow } from '../secrets/list.ts';
import type { Reader } from '../reader/reader.ts';
import type { GlassLogin } from './break-glass.ts';
import { alertQueue, causesOf, isUnknown, type Seen } from './causes.ts';
import { decide, type Alert } from './decide.ts';
import { loadAlerting, type Alerting } from './file.ts';
import { ratesOf } from './rates.ts';
import { send, verdictOf, type Given, type Told } from './send.ts';

export type WatchedHub = Pick<
  Hub,
  | 'broker'
  | 'calendars'
  | 'consumers'
  | 'disk'
  | 'guard'
  | 'journal'
  | 'log'
  | 'ownership'
  | 'profile'
  | 'room'
  | 'tiers'
>;

export interface Watch {
  hub: WatchedHub;
  db: Reader['db'];
  definitionsDir(): string;
  given: Given;
  /** Where they are listed. */
  secrets?(now: Date): readonly SecretRow[];
  /** Of the last week. */
  figures(): Promise<Figures>;
  /** Interfaces that are used after their sunset. */
  overused?(now: Date): Promise<Overused[]>;
  /** Where sign-on is set. */
  breakGlassLogins?(now: Date): Promise<GlassLogin[]>;
  clock?: () => Date;
}

export interface Watching {
  /** Once; also called each half minute. */
  poll(): Promise<void>;
  end(): Promise<void>;
}

interface Pending {
  channel: string;
  told: Told;
}

/** What all hubs know: what is wrong, and what is decided to be told but not yet in the queue. */
export interface Kept {
  alerts: Alert[];
  pending: Pending[];
  /** When it was told last that the hub is there. */
  alive?: string;
}

const type = 'alert.decided.v1';
const LOOK_MS = 30_000;
const LEASE_MS = 120_000;
const FIGURES_MS = 600_000;

export async function keptAlerts({ documents }: Pick<Hub['journal'], 'documents'>): Promise<Kept> {
  const text = await documents.get('alert', 'now');
  return text === undefined ? { alerts: [], pending: [] } : (JSON.parse(text) as Kept);
}

export function watchAlerts(watch: Watch): Watching {
  const { hub, definitionsDir, clock = () => new Date() } = watch;
  const { guard, log } = hub;
  const counted = figuresOfLate(watch, clock);
  const taking = takingNotices(watch, clock);

  async function poll(): Promise<void> {
    const alerting = loadAlerting(definitionsDir());
    if (!alerting || alerting.channels.size === 0) return;
    await taking.begin();
    const claimed = await guard.claim({ key: 'crossdock:alerts', fingerprint: '', leaseMs: LEASE_MS });
    if (claimed.state !== 'new') return;
    try {
      const now = clock();
      const wrong = await health(hub, watch.db, now);
      // What cannot be asked is not over.
      if (wrong.away.broker || wrong.away.journal) return;
      const before = await keptAlerts(hub.journal);
      const seen = { health: wrong, ...counted(), ...(await seenBeside(watch, now)) };
      await tell(hub, before, decided(hub, alerting, before, seen, now));
    } finally {
      await guard.release(claimed.claim);
    }
  }

  const looking = regularly(LOOK_MS, poll, (error) =>
    log.warn({ err: error }, 'What is wrong is looked for later'),
  );
  return {
    poll,
    async end() {
      await looking.end();
      await taking.end();
    },
  };
}

/** Takes what is told from the queue and sends it, once it has begun. */
function takingNotices({ hub, definitionsDir, given }: Watch, clock: () => Date) {
  const { log, broker } = hub;
  let consumer: Consumer | undefined;
  /** Else the queue would look as if nobody took from it. */
  const own: Consuming = {
    queue: alertQueue,
    types: [type],
    flow: 'alerts',
    flowVersion: '1',
    state: { is: 'consuming' },
    // Notices go on while flows are changed.
    pause: async () => {},
    resume() {},
  };

  /** Also of channels that were taken out of the file since. */
  async function sendOne({ channel, told }: Pending, attempt: number) {
    const now = clock();
    try {
      const to = loadAlerting(definitionsDir())?.channels.get(channel);
      if (to) await send(to, told, given, now);
      return { do: 'settle' as const };
    } catch (error) {
      const { code, message } = asCoded(error);
      const verdict = verdictOf(told, attempt, now);
      log.warn({ channel, code, id: told.id }, `A notice was not taken: ${message}`);
      return verdict === 'given up' ? { do: 'settle' as const } : verdict;
    }
  }

  return {
    async begin(): Promise<void> {
      hub.consumers.add(own);
      consumer ??= await broker.consume({
        queue: alertQueue,
        types: [type],
        concurrency: 4,
        handle: ({ message, attempt }) => sendOne(message.data as Pending, attempt),
      });
    },
    async end(): Promise<void> {
      hub.consumers.delete(own);
      await consumer?.stop();
    },
  };
}

/** All but the health of the hub and its figures. */
async function seenBeside(watch: Watch, now: Date): Promise<Omit<Seen, 'health'>> {
  const { hub } = watch;
  return {
    rates: await ratesOf(watch.db, now),
    ...secretsOf(watch, now),
    overused: (await watch.overused?.(now)) ?? [],
    breakGlassLogins: (await watch.breakGlassLogins?.(now)) ?? [],
    audit: await outsideOf(hub.journal.documents),
    tierOf: (flow) => hub.tiers.get(flow) ?? 'standard',
    teamOf: (flow, code) => hub.ownership.find({ flow, code })?.team ?? '',
  };
}

function decided({ calendars }: WatchedHub, alerting: Alerting, before: Kept, seen: Seen, now: Date): Kept {
  const rules = {
    repeatMs: alerting.repeatMs,
    isQuiet: (team: string) => alerting.isQuiet(team, calendars, now),
    isUnknown: (id: string) => isUnknown(id, seen),
  };
  const { alerts, notices } = decide(before.alerts, causesOf(seen, now), rules, now);
  const alive = aliveOf(alerting, before, now);
  const told = notices.flatMap((told) =>
    alerting.channelsOf(told.team).map((channel) => ({ channel, told })),
  );
  const aliveAt = alive?.told.at ?? before.alive;
  return {
    alerts,
    pending: [...before.pending, ...told, ...(alive ? [alive] : [])],
    ...(aliveAt && { alive: aliveAt }),
  };
}

/** What is decided is kept before it is told: who takes over after a crash tells it, with the same ids. */
async function tell({ journal, broker }: WatchedHub, before: Kept, after: Kept): Promise<void> {
  const keep = (kept: Kept) => journal.documents.put('alert', 'now', JSON.stringify(kept));
  if (JSON.stringify(after) !== JSON.stringify(before)) await keep(after);
  for (const one of after.pending)
    await broker.publishTo(
      alertQueue,
      envelope({
        id: `${one.told.id}/${one.channel}`,
        type,
        source: 'crossdock',
        subject: one.channel,
        flow: 'alerts',
        flowversion: '1',
        data: one,
      }),
    );
  if (after.pending.length > 0) await keep({ ...after, pending: [] });
}

function aliveOf({ alive }: Alerting, before: Kept, now: Date): Pending | undefined {
  if (!alive || now.getTime() - Date.parse(before.alive ?? '1970-01-01') < alive.everyMs) return undefined;
  const at = now.toISOString();
  return {
    channel: alive.channel,
    told: { id: `alive/${at}`, is: 'alive', what: 'Crossdock is there.', at },
  };
}

/** Their file, where it is wrong, stops nothing else. */
function secretsOf({ secrets }: Watch, now: Date): Pick<Seen, 'secrets' | 'secretsWrong'> {
  try {
    return secrets ? { secrets: secrets(now) } : {};
  } catch (error) {
    return { secretsWrong: asCoded(error).message };
  }
}

/** As they were at the last count, which is made beside. */
function figuresOfLate({ figures, hub }: Watch, clock: () => Date): () => { figures?: Figures } {
  let known: Figures | undefined;
  let next = 0;
  return () => {
    if (clock().getTime() >= next) {
      next = clock().getTime() + FIGURES_MS;
      figures().then(
        (found) => (known = found),
        (error: unknown) => hub.log.warn({ err: error }, 'The figures are counted later'),
      );
    }
    return known ? { figures: known } : {};
  };
}
