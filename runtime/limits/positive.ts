/** Settings of the environment that are whole numbers. */
import { CodedError } from '../errors/coded-error.ts';

/** Above 0; undefined when unset. Throws CodedError CONFIG_INVALID. */
export function positive(env: NodeJS.ProcessEnv, setting: string): number | undefined {
  const text = env[setting];
  if (!text) return undefined;
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new CodedError('CONFIG_INVALID', `${setting} is a whole number above 0`, { setting });
}
