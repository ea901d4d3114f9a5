/** A restore in the audit: the row after the chain of the backup says which chain stood there before. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import { audited } from '../audit/audited.ts';
import type { Link } from '../audit/chain.ts';
import { fromHere, processActor } from '../audit/from.ts';
import { withJournalOf } from '../stores/profile.ts';
import type { Manifest } from './archive.ts';
import { backUp, restore, type BackedUp } from './backup.ts';

/** Throws what `restore` throws, and STORE_UNAVAILABLE or STORE_FULL once it is restored and its row can not be written. */
export async function auditedRestore(file: string, hub: BackedUp, replace: boolean): Promise<Manifest> {
  const before = replace ? await endBefore(hub) : undefined;
  const manifest = await restore(file, hub, replace);
  await withJournalOf(hub, async ({ audit }) => {
    const who = processActor();
    const after = await audit.last();
    await audit.append({
      who,
      from: fromHere(who),
      act: 'data.restore',
      object: before ? `audit/${before.sequence} to audit/${after.sequence}` : `audit/${after.sequence}`,
      outcome: 'done',
      ...(before && { before: before.hash }),
      after: after.hash,
    });
  });
  return manifest;
}

/** The file has the row too. Throws what `backUp` throws. */
export function auditedBackup(file: string, hub: BackedUp): Promise<Manifest> {
  return withJournalOf(hub, ({ audit }) =>
    audited(audit, { who: processActor(), act: 'data.backup', object: `file/${basename(file)}` }, () =>
      backUp(file, hub),
    ),
  );
}

/** Undefined where no chain can be read: that is often why something is restored. */
async function endBefore(hub: BackedUp): Promise<Link | undefined> {
  if (hub.profile === 'embedded' && !existsSync(join(hub.dataDir, 'crossdock.db'))) return undefined;
  return withJournalOf(hub, ({ audit }) => audit.last()).catch(() => undefined);
}
