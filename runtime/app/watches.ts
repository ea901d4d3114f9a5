/** What a hub with users does by the clock: it keeps issues, alerts, suspects, reconciles, and sends its audit outside. */
import { join } from 'node:path';
import { glassLogins } from '../alerts/break-glass.ts';
import { watchAlerts } from '../alerts/watch.ts';
import { keepCheckpoints } from '../audit/trail/keeper.ts';
import { sealing } from '../audit/trail/seal.ts';
import { sealedAside, verifiedAside } from '../audit/trail/thread.ts';
import { zoneOfHub } from '../calendar/calendar.ts';
import { countedAside } from '../figures/thread.ts';
import { overused } from '../interfaces/use/overused.ts';
import { keepingIssues } from '../node-red/tower/issues.ts';
import type { Tower } from '../node-red/tower/tower.ts';
import type { Books } from '../reconcile/read-hub.ts';
import { reconcilingByTheClock, runByCommand } from '../reconcile/scheduled.ts';
import type { FollowedSecrets } from '../secrets/rotation/hub.ts';
import { signingKey } from '../signature/keys.ts';
import { signOnOf } from '../sign-on/settings.ts';
import { detectedAside } from '../suspicions/thread.ts';
import { watchSuspicions } from '../suspicions/watch.ts';
import type { Base } from './here.ts';
import { root } from './project.ts';

/** Returns what ends all of it. Throws where the hub cannot sign. */
export async function watching(base: Base, tower: Tower, secrets?: FollowedSecrets) {
  const { hub, active, profile, dataDir, env } = base;
  const definitionsDir = (): string => active.now().definitionsDir;
  const kept = keepingIssues(tower);
  const alerts = alerting(base, tower, definitionsDir, secrets);
  const suspecting = watchSuspicions({
    hub,
    detect: (now) => detectedAside({ profile, dataDir, now, zone: zoneOfHub(definitionsDir()) }),
  });
  /** As of this time, by the definitions that run now. */
  const compareBooks = (cutOff: string, signal: AbortSignal, of: Books): Promise<void> => {
    const here = { CROSSDOCK_DATA: dataDir, CROSSDOCK_DEFINITIONS: definitionsDir() };
    const script = join(root, 'cli/crossdock.js');
    return runByCommand(script, { ...env, ...here }, hub.journal.documents)(cutOff, signal, of);
  };
  const reconciling = reconcilingByTheClock({ hub, definitionsDir, run: compareBooks });
  const outside = sendingAudit(base);
  // A hub that cannot sign says so at the start.
  await signingKey(dataDir, env);
  return async (): Promise<void> => {
    for (const one of [reconciling, alerts, suspecting, kept, outside]) await one?.end();
  };
}

function alerting(
  { hub, active, profile, dataDir, env }: Base,
  { reader: { db } }: Tower,
  definitionsDir: () => string,
  secrets?: FollowedSecrets,
) {
  return watchAlerts({
    hub,
    db,
    definitionsDir,
    given: (name) => env[name],
    ...(secrets && { secrets: secrets.list }),
    ...(signOnOf(env) && { breakGlassLogins: (now) => glassLogins(db, now) }),
    figures: () => countedAside({ profile, dataDir, definitionsDir: definitionsDir(), span: 7 }),
    overused: (now) =>
      overused(db, hub, async () => (await active.flows()).flatMap((file) => file.nodes), now),
  });
}

function sendingAudit({ hub, profile, dataDir, env, log }: Base) {
  const { audit, documents } = hub.journal;
  return keepCheckpoints(audit, () => signingKey(dataDir, env), {
    env,
    log,
    documents,
    aside: (checkpoints) => verifiedAside({ profile, dataDir, checkpoints }),
    seal: sealing(audit, (span) => sealedAside({ profile, dataDir, span })),
  });
}
