/** Process files: what is refused, in which order they are read, and how long a duration is. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { definitionOf, duration, loadProcesses, readProcess } from '../runtime/process/definition.ts';

const steps = { pack: { on: 'begin', awaits: 'packed' } };
const base = { version: '1', owner: 'team', summary: 's', start: 'begin', key: '"k"', number: '"n"', steps };

describe('process files', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-process-definition-'));
    mkdirSync(join(dir, 'processes'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));
  const write = (name: string, more: object): string => {
    const path = join(dir, 'processes', name);
    writeFileSync(path, JSON.stringify({ ...base, ...more }));
    return path;
  };
  const pack = (more: object) => ({ steps: { pack: { ...steps.pack, ...more } } });

  it('are those that end in .yaml, by name', () => {
    for (const name of ['b', 'c', 'a']) write(`${name}.yaml`, { process: name });
    write('note.txt', { process: 'note' });
    assert.deepEqual([...loadProcesses(dir).keys()], ['a', 'b', 'c']);
  });

  it('have the name of their process', () => {
    const path = write('a.yaml', { process: 'b' });
    const message = `${path} describes b; both names must be the same`;
    assert.throws(() => readProcess(path, dir), { code: 'CONFIG_INVALID', message, facts: { file: path } });
  });

  it('are refused with the field that is wrong', () => {
    const rows: [more: object, path: string][] = [
      [{ process: 'A' }, 'process'],
      [{ odd: 1 }, 'odd'],
      [pack({ within: '0s' }), 'steps/pack/within'],
      [pack({ late: { do: 'retry', times: 0 } }), 'steps/pack/late/times'],
      [pack({ late: { do: 'wait' } }), 'steps/pack/late/do'],
      [pack({ on: '' }), 'steps/pack/on'],
      [{ ends: { e: 'over' } }, 'ends/e'],
    ];
    for (const [more, path] of rows)
      assert.throws(
        () => readProcess(write('a.yaml', { process: 'a', ...more }), dir),
        ({ code, facts }: CodedError) => {
          assert.equal(code, 'CONFIG_INVALID');
          assert.equal(facts['path'], path);
          return true;
        },
        JSON.stringify(more),
      );
  });

  it('take every reaction, one retry, a name of a letter and each end', () => {
    for (const does of ['pause', 'retry', 'compensate', 'escalate'])
      readProcess(write('a.yaml', { process: 'a', ...pack({ late: { do: does, times: 1 } }) }), dir);
    const ends = { e: 'done', f: 'cancelled' };
    const path = write('a.yaml', { process: 'a', ...pack({ on: 'x' }), ends });
    assert.deepEqual([...readProcess(path, dir).events], ['begin', 'x', 'packed', 'e', 'f']);
    assert.deepEqual([...definitionOf({ ...base, process: 'a' }, dir).events], ['begin', 'packed']);
  });

  it('have durations in four units', () => {
    assert.deepEqual(['2s', '15m', '4h', '10d'].map(duration), [2000, 900_000, 14_400_000, 864_000_000]);
  });
});
