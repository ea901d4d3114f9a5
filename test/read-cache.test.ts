/** What was read is kept from one process to the next, and never instead of what a text says now. */
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

describe('kept readings', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-readings-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  /** What a process of its own gets for these texts, and how many of them it had to read. */
  function inProcess(...texts: string[]): { values: string[]; read: number } {
    const script = `
      import { keepReadings, readOnce } from ${JSON.stringify(pathToFileURL('runtime/schema/read-cache.ts').href)};
      keepReadings(${JSON.stringify(join(dir, 'kept', 'readings'))});
      let read = 0;
      const values = ${JSON.stringify(texts)}.map((text) => {
        const value = readOnce('test 1', text, () => (read += 1, new Map([['text', [text]]])));
        const said = value.get('text')[0];
        value.clear();
        return said;
      });
      console.log(JSON.stringify({ values, read }));`;
    const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], {
      encoding: 'utf8',
    });
    return JSON.parse(said) as { values: string[]; read: number };
  }

  it('are used by the next process, and a changed text is read', () => {
    assert.deepEqual(inProcess('a', 'b', 'a'), { values: ['a', 'b', 'a'], read: 2 });
    assert.deepEqual(inProcess('a', 'b'), { values: ['a', 'b'], read: 0 });
    assert.deepEqual(inProcess('a', 'c'), { values: ['a', 'c'], read: 1 });
    assert.deepEqual(inProcess('b', 'c'), { values: ['b', 'c'], read: 0 });
  });

  it('are made anew where their file is broken', () => {
    inProcess('a');
    writeFileSync(join(dir, 'kept', 'readings'), 'broken');
    assert.deepEqual(inProcess('a'), { values: ['a'], read: 1 });
    assert.deepEqual(inProcess('a'), { values: ['a'], read: 0 });
  });

  it('a mistake in a flow has the same line each time, and is gone when it is', () => {
    cpSync('flows', join(dir, 'flows'), { recursive: true });
    const file = join(dir, 'flows', 'order-to-cash.yaml');
    const right = readFileSync(file, 'utf8');
    const lint = () => {
      const env = { ...process.env, CROSSDOCK_FLOWS: join(dir, 'flows') };
      const { status, stdout, stderr } = spawnSync(process.execPath, ['cli/crossdock.js', 'lint'], {
        env,
        encoding: 'utf8',
      });
      return { status, said: `${stdout}${stderr}` };
    };
    const wrong = right.replace('!node hub broker', '!node no such broker');
    const line = wrong.split('\n').findIndex((text) => text.includes('no such broker')) + 1;
    writeFileSync(file, wrong);
    for (let times = 0; times < 2; times += 1) {
      const { status, said } = lint();
      assert.equal(status, 1);
      assert.ok(said.includes(`order-to-cash.yaml:${line}: there is no node "no such broker"`), said);
    }
    writeFileSync(file, right);
    for (let times = 0; times < 2; times += 1)
      assert.deepEqual(lint(), { status: 0, said: 'Nothing found\n' });
  }).timeout(180_000);
});
