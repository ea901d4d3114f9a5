/** A hub with sign-on, in a process of its own, and what its audit says. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startHub, type Hub } from '../server/start.ts';
import { client } from './real-provider.ts';

export interface SignOnHub extends Hub {
  dir: string;
  /** As `who act outcome reason`, the last of them. */
  audit(count: number): string[];
  ask(token: string, path?: string, method?: string): Promise<Response>;
  /** Other rules, from the next question on. */
  rules(text: string): void;
  end(): Promise<void>;
}

export const rules = `claim: groups
scopes: [profile, groups]
grants:
  - { value: admins, role: admin }
  - { value: makers, role: analyst, teams: [it] }
  - { value: readers, role: viewer, teams: [finance] }
`;

export async function signOnHub(
  port: number,
  issuer: string,
  env: NodeJS.ProcessEnv = {},
): Promise<SignOnHub> {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-sign-on-'));
  const definitions = join(dir, 'definitions');
  mkdirSync(definitions);
  const write = (text: string): void => writeFileSync(join(definitions, 'sign-on.yaml'), text);
  write(rules);
  const hub = await startHub(dir, {
    PORT: String(port),
    DEFINITIONS: definitions,
    CROSSDOCK_SIGN_ON_ISSUER: issuer,
    CROSSDOCK_SIGN_ON_CLIENT: client.id,
    CROSSDOCK_SIGN_ON_SECRET: client.secret,
    CROSSDOCK_SIGN_ON_URL: `http://127.0.0.1:${port}`,
    CROSSDOCK_SIGN_ON_CHECK_SECONDS: '0',
    ...env,
  });
  return Object.assign(hub, {
    dir,
    rules: write,
    audit(count: number) {
      const db = new DatabaseSync(join(dir, 'crossdock.db'), { readOnly: true });
      const rows = db
        .prepare('SELECT who, act, outcome, reason FROM audit ORDER BY sequence DESC LIMIT ?')
        .all(count);
      db.close();
      return rows.map((row) => Object.values(row).filter(Boolean).join(' ')).toReversed();
    },
    ask: (token: string, path = '/flows', method = 'GET') =>
      fetch(hub.url + path, { method, headers: { authorization: `Bearer ${token}` } }),
    async end() {
      await hub.stop();
      rmSync(dir, { recursive: true });
    },
  });
}
