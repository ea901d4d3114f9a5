/** Turns sealing on for the tests of a describe, and off after them. */
import { randomBytes } from 'node:crypto';
import { keySetting, oldKeysSetting } from '../../runtime/seal/keys.ts';

export const newKey = (): string => randomBytes(32).toString('base64');

/** Of this process. */
export function setKeys(key: string | undefined, old: readonly string[] = []): void {
  if (key === undefined) delete process.env[keySetting];
  else process.env[keySetting] = key;
  if (old.length === 0) delete process.env[oldKeysSetting];
  else process.env[oldKeysSetting] = old.join(',');
}

/** In a describe: its tests run with this key. */
export function withKey(key = newKey()): void {
  const was = { ...process.env };
  before(() => setKeys(key));
  after(() => {
    for (const name of [keySetting, oldKeysSetting])
      if (was[name] === undefined) delete process.env[name];
      else process.env[name] = was[name];
  });
}
