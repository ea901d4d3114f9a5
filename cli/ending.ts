/** How a command ends that does not end by itself: at a signal, or with what went wrong. */
import { asCoded, CodedError } from '../runtime/errors/coded-error.ts';

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

/** `command`: what was asked for, whose options are proposed for one that there is not. */
export async function fail(error: unknown, command = ''): Promise<never> {
  const { code: known, message: said } = error as { code?: unknown; message?: unknown };
  if (String(known).startsWith('ERR_PARSE_ARGS')) {
    const sentence = String(said).split('. ')[0]!;
    process.stderr.write(`REQUEST_INVALID: ${sentence}${await meantOption(sentence, command)}\n`);
    process.stderr.write(`crossdock ${command} --help lists what there is\n`);
    process.exit(2);
  }
  if (isOfSystem(error)) error = new CodedError('CONFIG_INVALID', String(said));
  const { code, message, cause } = asCoded(error);
  process.stderr.write(`${code}: ${message}\n`);
  if (code === 'INTERNAL') process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
  process.exit(1);
}

/** A file that may not be read, a disk that is full: the text of the system says which. */
function isOfSystem(error: unknown): boolean {
  const { syscall, path } = error as { syscall?: unknown; path?: unknown };
  return typeof syscall === 'string' && typeof path === 'string';
}

async function meantOption(sentence: string, command: string): Promise<string> {
  const [, option] = /^Unknown option '(.+)'/.exec(sentence) ?? [];
  if (!option) return '';
  const [{ meant }, { manual }] = await Promise.all([import('./help.ts'), import('./manual.ts')]);
  const known = Object.keys(manual[command]?.options ?? {}).map((one) => one.split(' ')[0]!);
  return meant(option, known);
}
