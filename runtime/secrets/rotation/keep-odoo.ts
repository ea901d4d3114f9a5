/** The key of Odoo in a hub that runs: when it ends is asked, the next one is made in time, and the old one is removed. */
import type { Auditing } from '../../audit/audited.ts';
import { asCoded } from '../../errors/coded-error.ts';
import type { Log } from '../../log/log.ts';
import type { SecretRules } from '../definitions.ts';
import { endOld, holds, readKept } from '../kept.ts';
import { endOfKey, odooAt, odooKey, removeOld, renewOdoo } from './renew-odoo.ts';
import type { Secrets } from '../secrets.ts';
import { noteEnd, readSeen, seenOf } from '../seen.ts';
import { keptFile } from '../sources.ts';

export interface KeepingOdoo {
  secrets: Pick<Secrets, 'baseOf' | 'sourceOf'>;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  rules(): Promise<Pick<SecretRules, 'warnDays'>>;
  audit: Auditing;
  log: Log;
}

const DAY_MS = 86_400_000;
const everyMs = 600_000;
const overlapMs = DAY_MS;

/** To be called as often as one likes; it does something each ten minutes. */
export function keepingOdoo(here: KeepingOdoo): (now: Date) => Promise<void> {
  let next = 0;
  let told = '';
  return async (now) => {
    if (now.getTime() < next || !here.env['ODOO_URL'] || !here.env[odooKey]) return;
    next = now.getTime() + everyMs;
    try {
      await keepOdoo(here, now);
      told = '';
    } catch (error) {
      // An Odoo that is away is told by the flows that need it.
      const { code } = asCoded(error);
      if (code !== told) here.log.warn({ code }, 'The key of Odoo is looked at later');
      told = code;
    }
  };
}

export async function keepOdoo(here: KeepingOdoo, now: Date): Promise<void> {
  const { secrets, env, dataDir } = here;
  await removeOlds(here, now);
  const key = env[odooKey]!;
  const asked = await endOfKey(odooAt(env));
  if (asked) await noteEnd(dataDir, odooKey, key, asked);
  // The end of the kept one is none of a key that a person has put into the source since.
  const kept =
    secrets.sourceOf(odooKey) === 'hub' ? (await readKept(keptFile(env, dataDir)))[odooKey] : undefined;
  const ends = seenOf(readSeen(dataDir), odooKey, key).ends ?? kept?.ends;
  const { warnDays } = await here.rules();
  if (!ends || Date.parse(ends) - now.getTime() > warnDays * DAY_MS) return;
  const done = await renewOdoo({ ...here, by: 'hub', overlapMs }, undefined, now);
  if (done)
    here.log.info({ variable: odooKey, ends: done.ends }, `${odooKey} is renewed, and ends ${done.ends}`);
}

async function removeOlds({ env, dataDir, audit, log }: KeepingOdoo, now: Date): Promise<void> {
  const file = keptFile(env, dataDir);
  const over = (await readKept(file))[odooKey]?.old.filter((one) => !holds(one, now)) ?? [];
  for (const { value } of over) {
    const removed = value === env[odooKey] || (await removeOld(odooAt(env), value));
    if (!removed)
      log.warn(
        'This Odoo does not let the hub remove its old API key: remove it in the preferences of its user',
      );
  }
  if (over.length > 0) await endOld(file, odooKey, audit, now);
}
