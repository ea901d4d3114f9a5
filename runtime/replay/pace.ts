/** Decides how a run goes on: one letter, five, twenty-five, then the rest, as long as enough of them land. Pure. */
import type { Counts, Stopped, Told } from './state.ts';

export type Next =
  | { do: 'send'; most: number }
  | { do: 'wait' } // for what was sent
  | { do: 'stop'; stopped: Stopped }
  | { do: 'end' };

/** Letters sent when each is looked at: 1, then 5 more, then 25 more. */
const canaries = [1, 6, 31] as const;
/** Of the rest, sent and not known yet. */
const atOnce = 100;
const share = 0.95;
const failuresOfOneCode = 3;

/** `told`: since the run last began. */
export function next({ waiting, running }: Pick<Counts, 'waiting' | 'running'>, told: Told): Next {
  if (waiting === 0) return running > 0 ? { do: 'wait' } : { do: 'end' };
  const code = Object.entries(told.codes).find(([, count]) => count >= failuresOfOneCode);
  if (code) return { do: 'stop', stopped: { why: 'code', code: code[0], count: code[1] } };
  const known = told.landed + told.failed;
  const sent = known + running;
  const canary = canaries.find((until) => sent < until || (sent === until && running > 0));
  if (sent === canary) return { do: 'wait' };
  const looks = canary === undefined || (running === 0 && canaries.some((until) => until === sent));
  if (looks && told.landed < share * known)
    return { do: 'stop', stopped: { why: 'share', landed: told.landed, of: known } };
  return { do: 'send', most: canary === undefined ? Math.max(0, atOnce - running) : canary - sent };
}
