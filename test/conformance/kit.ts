/** What suites share: a message of an order, its settlement, waiting until something holds, and the code of an error. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Verdict } from '../../runtime/broker/broker.ts';
import { envelope, type Envelope } from '../../runtime/envelope/envelope.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';

export const settle: Verdict = { do: 'settle' };

export function order(type: string, key: string, n: number | string = 1): Envelope {
  return envelope({
    source: 'conformance',
    type,
    subject: key,
    flow: 'test',
    flowversion: '1',
    id: `${key}-${n}-${randomUUID()}`,
    data: { key, n, money: '10.10', id: '9007199254740993' },
  });
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  ms = 60_000,
): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) assert.fail(`not within ${ms} ms: ${what}`);
    await delay(10);
  }
}

export const coded = (code: string) => (error: unknown) => {
  assert.ok(error instanceof CodedError, `CodedError, not ${String(error)}`);
  assert.equal(error.code, code);
  return true;
};
