/** How a command ends that does not end by itself: at a signal, or with what went wrong. */
import { asCoded } from '../runtime/errors/coded-error.ts';

/** The first signal stops in order; a second one at once. */
export function onStop(stop: () => Promise<void>): void {
  const once = (): void => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, once);
}

export function fail(error: unknown): never {
  const { code: known, message: said } = error as { code?: unknown; message?: unknown };
  if (String(known).startsWith('ERR_PARSE_ARGS')) {
    const sentence = String(said).split('. ')[0];
    process.stderr.write(`REQUEST_INVALID: ${sentence}; crossdock --help lists what there is\n`);
    process.exit(2);
  }
  const { code, message, cause } = asCoded(error);
  process.stderr.write(`${code}: ${message}\n`);
  if (code === 'INTERNAL') process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
  process.exit(1);
}
