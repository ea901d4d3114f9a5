/** A set of flow files is the old one or the new one, also when the process is killed in the middle of a save. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs/promises';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { finishReplacing, readFiles, replaceFiles } from '../runtime/flow-file/disk.ts';

const disk = resolve(import.meta.dirname, '../runtime/flow-file/disk.ts');
const previous = new Map([
  ['a.yaml', 'flow: A\n'],
  ['b.json', '{"flow": "B"}\n'],
  ['gone.yaml', 'flow: Gone\n'],
  ['same.yaml', 'flow: Same\n'],
]);
const next = new Map([
  ['a.yaml', 'flow: A\nsummary: new\n'],
  ['b.json', '{"flow": "B", "summary": "new"}\n'],
  ['same.yaml', 'flow: Same\n'],
  ['subflows/s.yaml', 'subflow: S\n'],
]);

/** A real process that dies at the n-th rename or removal of a save, or at none. */
function saveAndDie(dir: string, at: number): boolean {
  const script = `
    import fs from 'node:fs/promises';
    import { syncBuiltinESMExports } from 'node:module';
    let left = ${at};
    for (const name of ['rename', 'rm']) {
      const real = fs[name];
      fs[name] = (...args) => (left-- === 0 ? process.kill(process.pid, 'SIGKILL') : real(...args));
    }
    syncBuiltinESMExports();
    const { replaceFiles } = await import(${JSON.stringify(disk)});
    await replaceFiles(${JSON.stringify(dir)}, new Map(${JSON.stringify([...previous])}), new Map(${JSON.stringify([...next])}));
  `;
  const { status, signal, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script]);
  assert.ok(signal === 'SIGKILL' || status === 0, String(stderr));
  return signal === 'SIGKILL';
}

describe('flow files on the disk', function () {
  this.timeout(360_000);
  let dir: string;
  const put = (files: Map<string, string>) => {
    mkdirSync(join(dir, 'subflows'), { recursive: true });
    for (const [path, text] of files) writeFileSync(join(dir, path), text);
  };
  const rests = () => readdirSync(dir, { recursive: true }).filter((name) => /\.new$|^\./.test(String(name)));

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-flows-'));
    put(previous);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('are one whole set after a kill at any step, at once and when the save is completed', async () => {
    const seen: string[] = [];
    for (let at = 0; ; at++) {
      rmSync(dir, { recursive: true });
      put(previous);
      const died = saveAndDie(dir, at);
      const read = await readFiles(dir);
      const whole = [previous, next].find((set) => sameSet(read, set));
      assert.ok(whole, `a mixed set after a kill at step ${at}: ${JSON.stringify([...read])}`);
      await finishReplacing(dir);
      assert.ok(sameSet(await readFiles(dir), whole), `step ${at}: completing made another set`);
      seen.push(whole === next ? 'new' : 'old');
      if (!died) break;
      await replaceFiles(dir, whole, next);
      assert.ok(sameSet(await readFiles(dir), next), `step ${at}: the next save`);
      assert.deepEqual(rests(), [], `step ${at}`);
    }
    assert.deepEqual([...new Set(seen)], ['old', 'new']);
    assert.ok(seen.filter((which) => which === 'new').length >= 4, seen.join(' '));
  });

  it('that a person changed after the kill are not written over', async () => {
    assert.ok(saveAndDie(dir, 2));
    writeFileSync(join(dir, 'gone.yaml'), 'flow: Mine\n');
    await assert.rejects(finishReplacing(dir), {
      code: 'FLOW_FILES_CHANGED',
      facts: { file: 'gone.yaml' },
      message: /\.save\.json/,
    });
    rmSync(join(dir, '.save.json'));
    await finishReplacing(dir);
    assert.equal((await readFiles(dir)).get('gone.yaml'), 'flow: Mine\n');
  });

  it('are the old ones again when a save fails half way', async () => {
    const real = fs.rename;
    let left = 3;
    fs.rename = (async (...args) => {
      if (left-- === 0) throw new Error('the disk is full');
      return real(...args);
    }) as typeof real;
    syncBuiltinESMExports();
    try {
      await assert.rejects(replaceFiles(dir, previous, next), { message: 'the disk is full' });
    } finally {
      fs.rename = real;
      syncBuiltinESMExports();
    }
    assert.ok(left < 0);
    assert.ok(sameSet(await readFiles(dir), previous));
    assert.deepEqual(rests(), []);
  });
});

function sameSet(a: Map<string, string>, b: Map<string, string>): boolean {
  return JSON.stringify([...a].toSorted()) === JSON.stringify([...b].toSorted());
}
