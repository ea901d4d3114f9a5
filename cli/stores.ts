/** Where a command finds the stores of the hub, which may run or not. */
import { resolve } from 'node:path';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { profileOf, type OpenStores } from '../runtime/hub/profile.ts';

export function storesHere(): OpenStores {
  const { env } = process;
  return { profile: profileOf(env), dataDir: resolve(env['CROSSDOCK_DATA'] ?? '.crossdock'), env };
}

const usualLimit = 1000;

/** `--limit` of a list. Throws CodedError REQUEST_INVALID. */
export function limitOf(given: string | undefined): number {
  const limit = Number(given ?? usualLimit);
  if (Number.isInteger(limit) && limit > 0) return limit;
  throw new CodedError('REQUEST_INVALID', '--limit is a whole number above 0');
}

/** Beside the list itself, which another program may read. */
export function sayMore(place: string): void {
  process.stderr.write(`There may be more: --after '${place.replaceAll("'", "'\\''")}'\n`);
}

export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
