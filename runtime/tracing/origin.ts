/** Where the work on a message stands among traces. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Root } from './span.ts';

/** A trace that is open longer is of no use: what comes later begins one of its own, with a link. */
const GOES_ON_MS = 5 * 60_000;

/** The flow that does it. */
export function flowOf({ flow, flowVersion }: { flow: string; flowVersion: string }): Record<string, string> {
  return { 'crossdock.flow': flow, 'crossdock.flow.version': flowVersion };
}

/** What is sent again is looked at by itself. */
export function origin(
  { traceparent, time, replayof }: Pick<Envelope, 'traceparent' | 'time' | 'replayof'>,
  now = Date.now(),
): Pick<Root, 'parent' | 'link'> {
  if (traceparent === undefined) return {};
  const goesOn = replayof === undefined && now - Date.parse(time) < GOES_ON_MS;
  return goesOn ? { parent: traceparent } : { link: traceparent };
}
