/** What the intake refused is journaled, but never at the cost of memory or of the store. */
import assert from 'node:assert/strict';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { createLog } from '../runtime/log/log.ts';
import { refusalNotes } from '../runtime/hub/refusals.ts';
import { refused } from '../runtime/intake/answer.ts';
import type { Refusal } from '../runtime/intake/routes.ts';
import { refuseRetired } from '../runtime/interfaces/edges.ts';
import type { Entry } from '../runtime/interfaces/file.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import type { Step } from '../runtime/journal/step.ts';

function notes() {
  const logged: Record<string, unknown>[] = [];
  const destination = {
    write: (line: string) => void logged.push(JSON.parse(line) as Record<string, unknown>),
  };
  const written: Step[] = [];
  const hanging: PromiseWithResolvers<void>[] = [];
  const journal = {
    append(steps: readonly Step[]) {
      written.push(...steps);
      hanging.push(Promise.withResolvers());
      return hanging.at(-1)!.promise;
    },
  } as Journal;
  const note = refusalNotes(journal, createLog({ level: 'info', destination }));
  const refuse = (code: Code): void => {
    const error = new CodedError(code, 'own words');
    note({
      id: 'i',
      route: '/hooks/a',
      method: 'POST',
      ip: '',
      error,
      answer: refused(error, 'i'),
    } satisfies Refusal);
  };
  return { note, refuse, logged, written, hanging };
}

describe('refusals', () => {
  it('are journaled one by one', () => {
    const { refuse, written, logged } = notes();
    refuse('ROUTE_UNKNOWN');
    refuse('SIGNATURE_INVALID');
    assert.deepEqual(
      written.map(({ step, outcome, code, detail }) => [step, outcome, code, detail]),
      [
        ['/hooks/a', 'refused', 'ROUTE_UNKNOWN', 'own words'],
        ['/hooks/a', 'refused', 'SIGNATURE_INVALID', 'own words'],
      ],
    );
    assert.deepEqual(logged, []);
  });
  it('of a retired interface are counted by the path of the register, never by what was asked for', () => {
    const { note, written } = notes();
    const entries = new Map([['webhook/old/:shop', { state: 'retired' } as Entry]]);
    for (const asked of ['/hooks/old/berlin', '/hooks/old/4111111111111111/'])
      assert.throws(
        () => refuseRetired(entries, asked),
        (thrown: CodedError) => {
          note({ id: 'i', method: 'POST', ip: '', error: thrown, answer: refused(thrown, 'i') });
          return thrown.code === 'INTERFACE_RETIRED';
        },
      );
    const unknown = new CodedError('ROUTE_UNKNOWN', 'own words', { route: '/hooks/x' });
    note({ id: 'i', method: 'POST', ip: '', error: unknown, answer: refused(unknown, 'i') });
    assert.deepEqual(
      written.map(({ step }) => step),
      ['/hooks/old/:shop', '/hooks/old/:shop', 'intake'],
    );
  });
  it('for want of room or places take no room: they are a number in the log', () => {
    const { refuse, written, logged } = notes();
    for (let n = 0; n < 1000; n += 1) refuse('STORE_FULL');
    refuse('HUB_BUSY');
    assert.deepEqual(written, []);
    assert.deepEqual(
      logged.map(({ code, refused: n }) => [code, n]),
      [
        ['STORE_FULL', 1],
        ['HUB_BUSY', 1],
      ],
    );
  });
  it('wait for a journal that does not answer, 500 at the most', async () => {
    const { refuse, written, logged, hanging } = notes();
    for (let n = 0; n < 2000; n += 1) refuse('ROUTE_UNKNOWN');
    assert.deepEqual([written.length, logged.length], [500, 1]);
    hanging[0]!.reject(new Error('gone'));
    hanging[1]!.resolve();
    await new Promise((resolve) => setImmediate(resolve));
    for (let n = 0; n < 10; n += 1) refuse('ROUTE_UNKNOWN');
    assert.deepEqual([written.length, logged.length], [502, 1]);
  });
});
