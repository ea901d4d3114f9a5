/** How long a login lasts: without use, and at most. */
import { CodedError } from '../errors/coded-error.ts';

export interface SessionLimits {
  idleSeconds: number;
  maximumSeconds: number;
}

const bounds = {
  CROSSDOCK_SESSION_IDLE_MINUTES: { unset: 15, least: 5, most: 60 },
  CROSSDOCK_SESSION_HOURS: { unset: 8, least: 1, most: 12 },
} as const;

/** Throws CodedError CONFIG_INVALID for what is no whole number within the bounds. */
export function sessionLimits(env: NodeJS.ProcessEnv): SessionLimits {
  return {
    idleSeconds: read(env, 'CROSSDOCK_SESSION_IDLE_MINUTES') * 60,
    maximumSeconds: read(env, 'CROSSDOCK_SESSION_HOURS') * 3600,
  };
}

function read(env: NodeJS.ProcessEnv, setting: keyof typeof bounds): number {
  const { unset, least, most } = bounds[setting];
  const given = env[setting];
  if (!given) return unset;
  const value = Number(given);
  if (/^\d+$/.test(given) && value >= least && value <= most) return value;
  throw new CodedError('CONFIG_INVALID', `${setting} is a number from ${least} to ${most}, not "${given}"`, {
    setting,
  });
}
