/** Where a command finds the stores of the hub, which may run or not. */
import { resolve } from 'node:path';
import { profileOf, type OpenStores } from '../runtime/hub/profile.ts';

export function storesHere(): OpenStores {
  const { env } = process;
  return { profile: profileOf(env), dataDir: resolve(env['CROSSDOCK_DATA'] ?? '.crossdock'), env };
}

export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
}
