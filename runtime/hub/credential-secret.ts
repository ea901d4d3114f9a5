/** The key Node-RED encrypts node credentials with: from the environment, or made once and kept in a file. */
import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';

/** CROSSDOCK_CREDENTIAL_SECRET, else `<dataDir>/credential-secret` (mode 600), made at the first start. */
export async function credentialSecret(dataDir: string, log: Log): Promise<string> {
  const given = process.env.CROSSDOCK_CREDENTIAL_SECRET;
  if (given !== undefined) {
    if (given.length >= 16) return given;
    throw new CodedError('CONFIG_INVALID', 'CROSSDOCK_CREDENTIAL_SECRET has fewer than 16 characters');
  }
  const file = join(dataDir, 'credential-secret');
  const kept = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  if (kept.trim()) return kept.trim();
  const secret = randomBytes(32).toString('base64url');
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  await writeFile(file, `${secret}\n`, { mode: 0o600 });
  await chmod(file, 0o600);
  log.info({ file }, 'Made a key for node credentials; back it up with the data directory');
  return secret;
}
