/** The secrets of a hub that runs: what is made of them follows, and what cannot work is told as any target that cannot. */
import type { Hub } from '../hub/hub.ts';
import { onChange } from './following.ts';
import { readKept, writeKept } from './kept.ts';
import { keptFile } from './sources.ts';
import { keepingOdoo } from './keep-odoo.ts';
import { listSecrets, valuesOf, type SecretRow } from './list.ts';
import type { Secrets } from './secrets.ts';
import { noteSeen } from './seen.ts';
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
}

export interface FollowedSecrets extends Watching {
  list(now: Date): SecretRow[];
}

const stores = ['AMQP_URL', 'REDIS_URL', 'DATABASE_URL'] as const;

export function followingSecrets({ hub, ...here }: HubSecrets): FollowedSecrets {
  const { log, journal } = hub;
  const listing = () => ({ ...here, definitionsDir: hub.definitionsDir });
  const { audit } = journal;
  const keepOdoo = keepingOdoo({ ...here, audit, log, definitionsDir: () => hub.definitionsDir });
  const unwatch = watchingLogins(hub, here.env);
  const watched = watchSecrets({
    ...here,
    audit,
    log,
    async looked(now) {
      await endOverlaps(hub, here, now);
      await noteSeen(here.dataDir, valuesOf(listing()), now);
      if (here.renews) void keepOdoo(now);
    },
  });
  return {
    ...watched,
    list: (now) => listSecrets(listing(), now),
    async end() {
      unwatch();
      await watched.end();
    },
  };
}

/** What is connected stays so; whether the next connection could be made is asked when an address is another one. */
function watchingLogins({ profile, targets }: HubSecrets['hub'], env: NodeJS.ProcessEnv): () => void {
  const watching = new Map<string, () => void>();
  const unfollow = onChange((changed) => {
    for (const setting of stores.filter((one) => profile === 'cluster' && changed.has(one))) {
      watching.get(setting)?.();
      const ready = async () => (await import('../hub/cluster.ts')).tryLogin(env, setting);
      watching.set(setting, targets.add(setting, ready));
    }
  });
  return () => {
    unfollow();
    for (const end of watching.values()) end();
  };
}

/** What does not hold any more goes out of the file too. */
async function endOverlaps(
  { journal, log }: HubSecrets['hub'],
  { env, dataDir }: Pick<HubSecrets, 'env' | 'dataDir'>,
  now: Date,
): Promise<void> {
  const file = keptFile(env, dataDir);
  for (const [name, secret] of Object.entries(readKept(file))) {
    const old = secret.old.filter(({ until }) => Date.parse(until) > now.getTime());
    if (old.length === secret.old.length || secret.kind !== 'webhook') continue;
    await writeKept(file, name, { ...secret, old });
    log.info({ variable: name }, `${name}: the overlap is over, the old one does not hold any more`);
    const row = { who: 'hub', from: 'hub', act: 'secret.end', object: `secret/${name}` } as const;
    await journal.audit.append({ ...row, outcome: 'done' });
  }
}
