/** What nobody caught: a rejection is logged and the hub serves on; after an exception it ends, in order, to be started again. */
import { asCoded } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';

/** For the supervisor: something is wrong, start again. EX_SOFTWARE of sysexits. */
export const endedBy = 70;
const stopMs = 10_000;

/**
 * Nothing that was taken is lost by either: a delivery whose work never ends fails at its time limit, and what had no
 * verdict when the process ended is handed out again.
 */
export function lastDefence(log: Pick<Log, 'error' | 'fatal'>, stop: () => Promise<void>): void {
  process.on('unhandledRejection', (reason) => {
    log.error(
      { code: asCoded(reason).code, err: reason },
      'A rejection that nothing handled; the hub serves on',
    );
  });
  let ending = false;
  process.on('uncaughtException', (error) => {
    log.fatal({ code: asCoded(error).code, err: error }, 'An exception that nothing caught; the hub ends');
    if (ending) return;
    ending = true;
    const end = (): never => process.exit(endedBy);
    setTimeout(end, stopMs);
    stop().then(end, end);
  });
}
