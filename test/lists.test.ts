/** Lists at a terminal: a page, and where the next one begins. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { dead } from '../cli/dead.ts';
import { process as processCommand } from '../cli/process.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded } from './conformance/kit.ts';
import { letter, untold } from './conformance/rows.ts';

const run = promisify(execFile);

describe('lists at a terminal', () => {
  let dataDir: string;
  before(async () => {
    dataDir = mkdtempSync(join(tmpdir(), 'crossdock-lists-'));
    const store = openStore(join(dataDir, 'crossdock.db'));
    const { saveDeadLetter, processes } = embeddedJournal(store);
    const rest = { process: 'sales', state: 'running' as const, due: null };
    for (const n of [1, 2, 3]) {
      await saveDeadLetter(letter({ id: `it's/${n}`, lastFailed: `2026-03-01T10:00:0${n}.000Z` }));
      const attention = n === 1 ? [{ to: 'desk', why: 'late', step: 's' }] : [];
      const body = JSON.stringify({ ...rest, key: `shop/${n}`, number: String(n), steps: {}, attention });
      const looked = n === 1 ? (1 as const) : (0 as const);
      await processes.add({
        ...rest,
        ...untold,
        key: `shop/${n}`,
        number: String(n),
        attention: looked,
        body,
      });
    }
    store.close();
  });
  after(() => rmSync(dataDir, { recursive: true, force: true }));

  /** What is printed, and the place of the next page. */
  async function list(...args: string[]): Promise<{ of: Record<string, unknown>[]; next?: string }> {
    const env = { ...process.env, CROSSDOCK_DATA: dataDir, CROSSDOCK_PROFILE: 'embedded' };
    const command = ['cli/crossdock.ts', ...args, '--json'];
    const { stdout, stderr } = await run(process.execPath, command, { env });
    const next = /--after '(.*)'\n/.exec(stderr)?.[1];
    const of = JSON.parse(stdout) as Record<string, unknown>[];
    return { of, ...(next !== undefined && { next: next.replaceAll(String.raw`'\''`, "'") }) };
  }

  it('of exceptions', async () => {
    const first = await list('dead', 'list', '--limit', '2');
    assert.equal(first.of.length, 1, 'groups have no pages');
    const letters = await list('dead', 'list', '--all', '--limit', '2');
    assert.deepEqual(
      [letters.of.map(({ id }) => id), letters.next],
      [["it's/1", "it's/2"], "2026-03-01T10:00:02.000Z/it's/2"],
    );
    const last = await list('dead', 'list', '--limit', '2', '--after', letters.next!);
    assert.deepEqual([last.of.map(({ id }) => id), last.next], [["it's/3"], undefined]);
  });

  it('of processes', async () => {
    const keys = (of: Record<string, unknown>[]) => of.map(({ key }) => key);
    const first = await list('process', '--limit', '2');
    assert.deepEqual([keys(first.of), first.next], [['shop/3', 'shop/2'], 'sales/running/shop/2']);
    const last = await list('process', 'list', '--after', first.next!);
    assert.deepEqual([keys(last.of), last.next], [['shop/1'], undefined]);
    assert.deepEqual(keys((await list('process', '--attention')).of), ['shop/1']);
  });

  for (const args of [
    ['--limit', '0'],
    ['--limit', 'many'],
    ['--after', 'nowhere'],
  ])
    it(`refuse ${args.join(' ')}`, async () => {
      await assert.rejects(processCommand(['list', ...args]), coded('REQUEST_INVALID'));
      await assert.rejects(dead(['list', ...args]), coded('REQUEST_INVALID'));
    });
});
