/** How the hub does at this moment: queues, outages, consumers, hubs and the store; and what cannot be asked. */
import type { Kysely } from 'kysely';
import { asCoded } from '../errors/coded-error.ts';
import type { Hub } from '../hub/hub.ts';
import { ABSENT_MS, statusOf, type Away, type HubStatus } from '../hub/watch.ts';
import type { Tables } from '../journal/tables.ts';
import type { Member, Rollout, Runs } from '../release/fleet.ts';

/** Without the time of the look: what has not changed is the same answer. */
export interface Health {
  /** What cannot be asked at this moment, and why. */
  away: { broker?: Away; journal?: Away };
  queues: QueueHealth[];
  outages: { flow: string; queue: string; code: string; since: string; nextTry: string; hub: string }[];
  consumers: {
    flow: string;
    queue: string;
    consuming: number;
    paused: number;
    outage: number;
    failed: number;
    code?: string;
  }[];
  /** The one that answers was not seen at a time, it is here. */
  hubs: HubHealth[];
  /** A release on its way to the workers, and the last one where it was taken back. */
  rollout?: RolloutHealth;
  takenBack?: RolloutHealth;
  store: StoreHealth;
}

export interface HubHealth {
  hub: string;
  started: string;
  seen?: string;
  consumers: number;
  here: boolean;
  /** What it runs, since this ISO time; without a version it is a working copy. Absent where it is not known. */
  runs?: { version?: string; since: string; state: Member['state'] };
}

export interface RolloutHealth {
  version?: string;
  by: string;
  began: string;
  /** Back to what was before. */
  back: boolean;
  /** Workers that have had their turn, and the one that has it, as `hubs` names them. */
  done: number;
  turn?: string;
  code?: string;
  reason?: string;
}

export interface QueueHealth {
  queue: string;
  /** Ready, waiting for their next try, and at work. */
  ready: number;
  delayed: number;
  working: number;
  /** ISO time. Absent where nothing waits, or it is not known. */
  oldest?: string;
  oldestUnknown?: true;
  consumers: number;
}

/** In bytes. What is absent is not known. */
export interface StoreHealth {
  used?: number;
  limit?: number;
  growthPerDay?: number;
  /** Absent also where it does not grow. */
  daysLeft?: number;
}

type Asked = Pick<Hub, 'broker' | 'consumers' | 'journal' | 'profile' | 'room' | 'disk'>;

interface Seen extends HubStatus {
  id: string;
  /** Of another one. */
  seen?: string;
}

const DAY_MS = 24 * 3_600_000;
const LOOK_BACK_MS = 14 * DAY_MS;

/** A broker or journal that is away is told in `away`; the rest is as known. */
export async function health(hub: Asked, db: Kysely<Tables>, now: Date, runs?: Runs): Promise<Health> {
  const own: Seen = { ...(await statusOf(hub)), id: hub.journal.watched.id };
  const away: Health['away'] = own.brokerAway ? { broker: own.brokerAway } : {};
  const told = async <T>(asking: Promise<T>, otherwise: T): Promise<T> => {
    try {
      return await asking;
    } catch (error) {
      const { code, message } = asCoded(error);
      away.journal =
        code === 'INTERNAL'
          ? { code: 'STORE_UNAVAILABLE', message: 'The journal cannot be read' }
          : { code, message };
      return otherwise;
    }
  };
  const others = hub.profile === 'cluster' ? await told(othersOf(db, own.id, now), []) : [];
  const samples = await told(storeSamples(db, now), []);
  const hubs = [own, ...others];
  const fleet = await told(fleetOf(db), { members: new Map<string, Member>() });
  return {
    away,
    queues: queuesOf(hubs),
    outages: outagesOf(hubs),
    consumers: consumersOf(hubs),
    hubs: hubs.map(({ id, host, pid, started, seen, consumers }) => ({
      hub: `${host} ${pid}`,
      started,
      ...(seen !== undefined && { seen }),
      here: id === own.id,
      consumers: consumers.length,
      ...runsOf(fleet.members.get(id) ?? (id === own.id && runs ? { ...runs, state: 'running' } : undefined)),
    })),
    ...rolloutsOf(fleet),
    store: storeOf(await roomOf(hub, samples), samples),
  };
}

interface Fleet {
  members: ReadonlyMap<string, Member>;
  now?: Rollout;
  last?: Rollout;
}

async function fleetOf(db: Kysely<Tables>): Promise<Fleet> {
  const rows = await db
    .selectFrom('document')
    .select(['kind', 'id', 'body'])
    .where('kind', 'in', ['member', 'rollout'])
    .where('body', '!=', '')
    .execute();
  const rollouts = rows.flatMap(({ kind, id, body }) =>
    kind === 'rollout' ? [[id, JSON.parse(body) as Rollout]] : [],
  );
  const members = rows.flatMap(({ kind, body }): Member[] =>
    kind === 'member' ? [JSON.parse(body) as Member] : [],
  );
  return { ...Object.fromEntries(rollouts), members: new Map(members.map((one) => [one.id, one])) };
}

function runsOf(is: Pick<Member, 'version' | 'since' | 'state'> | undefined): Pick<HubHealth, 'runs'> {
  if (!is) return {};
  const { version, since, state } = is;
  return { runs: { ...(version !== undefined && { version }), since, state } };
}

function rolloutsOf({ now, last, members }: Fleet): Pick<Health, 'rollout' | 'takenBack'> {
  return {
    ...(now && { rollout: rolloutOf(now, members) }),
    ...(last?.state === 'back' && { takenBack: rolloutOf(last, members) }),
  };
}

function rolloutOf(rollout: Rollout, members: Fleet['members']): RolloutHealth {
  const { version, by, began, state, turns, turn, code, reason } = rollout;
  const has = turn === undefined ? undefined : members.get(turn);
  const runs = (id: string): boolean => {
    const is = members.get(id);
    return is?.digest === rollout.digest && is.state === 'running';
  };
  return {
    ...(version !== undefined && { version }),
    by,
    began,
    back: state === 'back',
    done: turns.filter(runs).length,
    ...(has && { turn: `${has.host} ${has.pid}` }),
    ...(code && { code }),
    ...(reason && { reason }),
  };
}

async function othersOf(db: Kysely<Tables>, own: string, now: Date): Promise<Seen[]> {
  const rows = await db
    .selectFrom('hub')
    .selectAll()
    .where('seen', '>=', new Date(now.getTime() - ABSENT_MS).toISOString())
    .where('id', '!=', own)
    .orderBy('id')
    .execute();
  return rows.map(({ id, seen, body }) => ({ ...(JSON.parse(body) as HubStatus), id, seen }));
}

/** What is ready the broker tells each hub alike, at different moments; what is held and delayed each knows of itself. */
function queuesOf(hubs: readonly Seen[]): QueueHealth[] {
  const all = new Map<string, QueueHealth>();
  for (const { queues } of hubs)
    for (const { queue, ready, delayed, working, oldest } of queues) {
      const one = all.get(queue) ?? { queue, ready, delayed: 0, working: 0, consumers: 0 };
      all.set(queue, one);
      one.delayed += delayed;
      one.working += working;
      if (oldest !== undefined && (one.oldest === undefined || oldest < one.oldest)) one.oldest = oldest;
    }
  for (const { consumers } of hubs)
    for (const { queue, is } of consumers)
      if (is !== 'paused' && all.has(queue)) all.get(queue)!.consumers += 1;
  for (const one of all.values())
    if (one.oldest === undefined && one.ready + one.delayed + one.working > 0) one.oldestUnknown = true;
  return [...all.values()].toSorted((a, b) => b.ready - a.ready || (a.queue < b.queue ? -1 : 1));
}

function outagesOf(hubs: readonly Seen[]): Health['outages'] {
  const found = hubs.flatMap(({ host, pid, consumers }) =>
    consumers.flatMap(({ flow, queue, is, code = '', since = '', nextTry = '' }) =>
      is === 'outage' ? [{ flow, queue, code, since, nextTry, hub: `${host} ${pid}` }] : [],
    ),
  );
  return found.toSorted((a, b) => (a.since < b.since ? -1 : 1));
}

function consumersOf(hubs: readonly Seen[]): Health['consumers'] {
  const all = new Map<string, Health['consumers'][number]>();
  for (const { flow, queue, is, code } of hubs.flatMap(({ consumers }) => consumers)) {
    const key = `${flow}\0${queue}`;
    const one = all.get(key) ?? { flow, queue, consuming: 0, paused: 0, outage: 0, failed: 0 };
    all.set(key, one);
    one[is] += 1;
    if (is === 'failed' && code) one.code = code;
  }
  return [...all.values()].toSorted((a, b) => (a.flow < b.flow ? -1 : 1));
}

interface StoreSample {
  at: number;
  bytes: number;
}

/** By hours, oldest first. */
async function storeSamples(db: Kysely<Tables>, now: Date): Promise<StoreSample[]> {
  const rows = await db
    .selectFrom('gauge')
    .select('bucket')
    .select((x) => x.fn.max('most').as('bytes'))
    .where('width', '=', 'hour')
    .where('bucket', '>=', new Date(now.getTime() - LOOK_BACK_MS).toISOString())
    .where('name', '=', 'store')
    .groupBy('bucket')
    .orderBy('bucket')
    .execute();
  return rows.map(({ bucket, bytes }) => ({ at: Date.parse(bucket), bytes: Number(bytes) }));
}

/** A store without a limit reaches as far as its disk. How much room PostgreSQL has it does not tell. */
async function roomOf(
  { room, disk }: Asked,
  samples: readonly StoreSample[],
): Promise<Pick<StoreHealth, 'used' | 'limit'>> {
  if (!room) {
    const used = samples.at(-1)?.bytes;
    return used === undefined ? {} : { used };
  }
  const { used, limit } = room();
  const left = await disk?.().catch(() => undefined);
  const most = Math.min(limit ?? Infinity, left === undefined ? Infinity : used + left);
  return most === Infinity ? { used } : { used, limit: most };
}

function storeOf(room: Pick<StoreHealth, 'used' | 'limit'>, samples: readonly StoreSample[]): StoreHealth {
  const [first, last] = [samples[0], samples.at(-1)];
  const days = first && last ? (last.at - first.at) / DAY_MS : 0;
  if (!first || !last || days < 1) return room;
  const growthPerDay = Math.round((last.bytes - first.bytes) / days);
  const { used, limit } = room;
  if (growthPerDay <= 0 || used === undefined || limit === undefined) return { ...room, growthPerDay };
  return { ...room, growthPerDay, daysLeft: Math.floor((limit - used) / growthPerDay) };
}
