/** The secrets of a hub that runs: what is made of them follows, and what cannot work is told as any target that cannot. */
import type { Hub } from '../../hub/hub.ts';
import { onChange } from '../following.ts';
import { asCoded } from '../../errors/coded-error.ts';
import { followingRules } from '../definitions.ts';
import { endOld, holds } from '../kept.ts';
import { keptFile } from '../sources.ts';
import { keepingOdoo } from './keep-odoo.ts';
import { listSecrets, valuesOf, type SecretRow } from '../list.ts';
import type { Secrets } from '../secrets.ts';
import { noteSeen } from '../seen.ts';
import { watchSecrets, type Watching } from './watch.ts';

export interface HubSecrets {
  hub: Pick<Hub, 'journal' | 'log' | 'profile' | 'targets' | 'definitionsDir'>;
  secrets: Secrets;
  dataDir: string;
  env: NodeJS.ProcessEnv;
  /** What the environment lists. */
  names: readonly string[];
  /** Of several hubs one renews. */
  renews: boolean;
  everyMs?: number;
}

export interface FollowedSecrets extends Watching {
  /** Throws CodedError CONFIG_INVALID. */
  list(now: Date): SecretRow[];
}

const stores = ['AMQP_URL', 'REDIS_URL', 'DATABASE_URL'] as const;

export function followingSecrets({ hub, ...here }: HubSecrets): FollowedSecrets {
  const { log, journal } = hub;
  const { audit } = journal;
  const rulesOf = followingRules((error) => {
    const { code, message } = asCoded(error);
    log.error({ code }, `What is known of the secrets stays as it was: ${message}`);
  });
  const rules = () => rulesOf(hub.definitionsDir);
  const keepOdoo = keepingOdoo({ ...here, audit, log, rules });
  const unwatch = watchingLogins(hub, here.env);
  const note = notingSeen(here.dataDir);
  let keeping: Promise<unknown> = Promise.resolve();
  const watched = watchSecrets({
    ...here,
    audit,
    log,
    async looked(now) {
      await endOverlaps(hub, here, now);
      await note(valuesOf(here, await rules()), now);
      if (here.renews) keeping = Promise.all([keeping, keepOdoo(now)]);
    },
  });
  return {
    ...watched,
    list: (now) => listSecrets({ ...here, definitionsDir: hub.definitionsDir }, now),
    async end() {
      unwatch();
      await watched.end();
      await keeping;
    },
  };
}

/** The file is read only where a value is another one than the last time. */
function notingSeen(dataDir: string): (values: ReadonlyMap<string, string>, now: Date) => Promise<void> {
  let noted: ReadonlyMap<string, string> = new Map();
  return async (values, now) => {
    if (![...values].some(([name, value]) => noted.get(name) !== value)) return;
    await noteSeen(dataDir, values, now);
    noted = values;
  };
}

/** What is connected stays so; whether the next connection could be made is asked when an address is another one. */
function watchingLogins({ profile, targets }: HubSecrets['hub'], env: NodeJS.ProcessEnv): () => void {
  const watching = new Map<string, () => void>();
  const unfollow = onChange((changed) => {
    for (const setting of stores.filter((one) => profile === 'cluster' && changed.has(one))) {
      watching.get(setting)?.();
      const ready = async () => (await import('../../stores/cluster.ts')).tryLogin(env, setting);
      watching.set(setting, targets.add(setting, ready));
    }
  });
  return () => {
    unfollow();
    for (const end of watching.values()) end();
  };
}

async function endOverlaps(
  { journal, log }: HubSecrets['hub'],
  { secrets, env, dataDir }: Pick<HubSecrets, 'secrets' | 'env' | 'dataDir'>,
  now: Date,
): Promise<void> {
  for (const [name, { kind, old }] of Object.entries(secrets.kept())) {
    if (kind !== 'webhook' || old.every((one) => holds(one, now))) continue;
    if (await endOld(keptFile(env, dataDir), name, journal.audit, now))
      log.info({ variable: name }, `${name}: the overlap is over, the old one does not hold any more`);
  }
}
