/** Compares what came of a test with what it expects. */
import type { Expected } from './spec.ts';

export interface Outcome {
  answer?: { status: number; code?: string };
  events: Record<string, unknown>[];
  orders: Record<string, unknown>[];
  calls: Record<string, unknown>[];
  exceptions: Record<string, unknown>[];
}

/** One line each: `events/0/data/number: expected "1001", got "1002"`. */
export function differences(expected: Expected, got: Outcome): string[] {
  const { answer, events, orders, calls, exceptions = [] } = expected;
  return [
    ...(answer ? within(answer, got.answer, 'answer') : []),
    ...(events ? lists(events, got.events, 'events') : []),
    ...(orders ? lists(orders, got.orders, 'orders') : []),
    ...(calls ? lists(calls, got.calls, 'calls') : []),
    ...lists(exceptions, got.exceptions, 'exceptions'),
  ];
}

function lists(expected: readonly unknown[], got: readonly unknown[], path: string): string[] {
  const found = expected.flatMap((one, at) =>
    at < got.length
      ? within(one, got[at], `${path}/${at}`)
      : [`${path}/${at}: expected ${show(one)}, got nothing`],
  );
  const more = got
    .slice(expected.length)
    .map((one, at) => `${path}/${expected.length + at}: not expected: ${show(one)}`);
  return [...found, ...more];
}

/** Everything expected is there; more may be. Lists have the same length. */
function within(expected: unknown, got: unknown, path: string): string[] {
  if (Array.isArray(expected)) {
    return Array.isArray(got)
      ? lists(expected, got, path)
      : [`${path}: expected ${show(expected)}, got ${show(got)}`];
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof got !== 'object' || got === null)
      return [`${path}: expected ${show(expected)}, got ${show(got)}`];
    return Object.entries(expected).flatMap(([key, value]) =>
      within(value, (got as Record<string, unknown>)[key], `${path}/${key}`),
    );
  }
  return Object.is(expected, got) ? [] : [`${path}: expected ${show(expected)}, got ${show(got)}`];
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
}
