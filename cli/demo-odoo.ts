/** Which Odoo the demo works with: one that was named, one that was found and agreed to, or a sandbox. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { startSandbox } from '../runtime/odoo/sandbox/sandbox.ts';

export interface ChosenOdoo {
  kind: 'real' | 'sandbox';
  words: string;
  url: string;
  database: string;
  apiKey: string;
  /** Of the user of the key. */
  login: string;
  close(): Promise<void>;
}

/** ODOO_URL, which is as good as said; else the one of test/stack when a person agrees; else the sandbox. */
export async function chooseOdoo(dataDir: string, yes: boolean): Promise<ChosenOdoo> {
  const { ODOO_URL: url, ODOO_DATABASE: database = '', ODOO_API_KEY: apiKey = '' } = process.env;
  const login = process.env['ODOO_LOGIN'] ?? '';
  const close = async (): Promise<void> => {};
  if (url)
    return {
      kind: 'real',
      words: `Odoo: the real one at ${url} (ODOO_URL)`,
      url,
      database,
      apiKey,
      login,
      close,
    };
  const found = await stackOdoo();
  if (!found) {
    const words = 'Odoo: a sandbox in memory, no real Odoo (test/stack up starts one, or set ODOO_URL)';
    return sandbox(dataDir, words);
  }
  const where = `the real ${found.version} at ${found.url} (test/stack)`;
  if (yes || (await agreed(where)))
    return { login: '', ...found, kind: 'real', words: `Odoo: ${where}`, close };
  return sandbox(dataDir, `Odoo: a sandbox in memory; with --yes the demo writes into ${where}`);
}

interface StackOdoo {
  url: string;
  database: string;
  apiKey: string;
  login?: string;
  version: string;
}

async function stackOdoo(): Promise<StackOdoo | undefined> {
  const { env } = process;
  const cache =
    env['CROSSDOCK_STACK_DIR'] ??
    join(env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'crossdock', 'stack');
  const beside = env['CROSSDOCK_ODOO'];
  const file = join(cache, ...(beside ? [`odoo-${beside}`] : []), 'stack.json');
  if (!existsSync(file)) return undefined;
  const { odoo } = JSON.parse(readFileSync(file, 'utf8')) as { odoo: StackOdoo };
  const answers = await fetch(odoo.url, { method: 'HEAD', redirect: 'manual' }).then(
    () => true,
    () => false,
  );
  return answers ? odoo : undefined;
}

/** Whether a person agrees; false where nobody can be asked. */
async function agreed(where: string): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) return false;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question(`Write the sample orders into ${where}? [y/N] `);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** What was in it when the demo ended is in it again. */
async function sandbox(dataDir: string, words: string): Promise<ChosenOdoo> {
  const file = join(dataDir, 'sandbox.json');
  const kept = existsSync(file) ? { kept: readFileSync(file, 'utf8') } : {};
  const started = await startSandbox(kept);
  // After an end that nobody saw, the orders of before would come with numbers that were given since.
  rmSync(file, { force: true });
  return {
    ...started,
    kind: 'sandbox',
    words,
    async close() {
      writeFileSync(file, started.keep());
      await started.close();
    },
  };
}
