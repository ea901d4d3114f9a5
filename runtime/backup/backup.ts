/** Backup and restore of a hub: its store, its keys and users, and the files it works with. */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Profile } from '../stores/profile.ts';
import { invalid, packArchive, unpackArchive, type Manifest } from './archive.ts';
import { gatherParts, putBackParts, refuseOtherFiles, type Places } from './parts.ts';

export interface BackedUp extends Places {
  profile: Profile;
  env: NodeJS.ProcessEnv;
}

/** While the hub runs too. Throws what its store throws. */
export async function backUp(file: string, hub: BackedUp, now = new Date()): Promise<Manifest> {
  return staged(dirname(file), async (folder) => {
    const store = join(folder, 'store');
    await mkdir(store);
    if (hub.profile === 'cluster') await (await cluster()).dumpCluster(hub.env, store);
    else await (await embedded()).dumpEmbedded(hub.dataDir, store);
    await gatherParts(hub, folder);
    const version = await versionOf(hub.profile);
    return packArchive(folder, file, { profile: hub.profile, version, created: now.toISOString() });
  });
}

/** Throws BACKUP_INVALID and BACKUP_REFUSED before anything is changed. */
export async function restore(file: string, hub: BackedUp, replace: boolean): Promise<Manifest> {
  return staged(dirname(hub.dataDir), async (folder) => {
    const manifest = await unpackArchive(file, folder);
    if (manifest.profile !== hub.profile)
      throw invalid(`it is one of the ${manifest.profile} profile, and this is ${hub.profile}`);
    if (manifest.version !== (await versionOf(hub.profile)))
      throw invalid('another version of Crossdock made it');
    const store = join(folder, 'store');
    if (!replace) await refuseOtherFiles(hub, folder);
    if (hub.profile === 'cluster') {
      await (await cluster()).refuseCluster(hub.env, replace);
      await (await cluster()).restoreCluster(store, hub.env);
    } else {
      await (await embedded()).refuseEmbedded(hub.dataDir, replace);
      await (await embedded()).restoreEmbedded(store, hub.dataDir);
    }
    await putBackParts(hub, folder);
    // A folder of somebody else's, which this user may write, stays theirs.
    await chmod(hub.dataDir, 0o700).catch(() => {});
    return manifest;
  });
}

/** In a folder that only its owner may read, and that is gone afterwards. */
async function staged<T>(beside: string, work: (folder: string) => Promise<T>): Promise<T> {
  await mkdir(beside, { recursive: true });
  const folder = await mkdtemp(join(beside, '.crossdock-backup-'));
  try {
    return await work(folder);
  } finally {
    // What is still being written comes into a folder that is being emptied.
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

async function versionOf(profile: Profile): Promise<number> {
  return profile === 'cluster' ? (await cluster()).clusterVersion : (await embedded()).embeddedVersion;
}

const cluster = (): Promise<typeof import('./cluster.ts')> => import('./cluster.ts');
const embedded = (): Promise<typeof import('./embedded.ts')> => import('./embedded.ts');
