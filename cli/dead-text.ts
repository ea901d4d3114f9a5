/** Exceptions in words: order number, what is wrong, what to do, and the command that repairs it. */
import { codes, type Code } from '../runtime/errors/codes.ts';
import type { ErrorCode } from '../runtime/errors/row.ts';
import type { LetterResult } from '../runtime/dead/letters.ts';
import type { DeadLetter, LetterGroup } from '../runtime/journal/journal.ts';

export function groupText({ flow, code, count, oldest, newest, reason }: LetterGroup): string {
  const which = `--flow ${quoted(flow)} --code ${code}`;
  const { meaning, action } = rowOf(code);
  return lines([
    `${count} × ${flow}  ${code}  first ${oldest}, last ${newest}`,
    `  ${meaning}`,
    `  The last: ${reason}`,
    `  To do: ${action}`,
    `  npx crossdock dead list ${which}`,
    ...(code === 'CLAIM_CONFLICT' ? [] : [`  npx crossdock dead replay ${which}`]),
  ]);
}

export function letterText(letter: DeadLetter): string {
  const { message, flow, code, reason, lastFailed, attempts, state } = letter;
  return lines([
    `${message.subject}  ${flow}  ${lastFailed}  ${attempts} ${attempts === 1 ? 'try' : 'tries'}  ${state}`,
    `  ${code}: ${reason}`,
    ...waiting(letter),
    ...decided(letter),
    ...repair(letter),
    `  npx crossdock dead show ${quoted(letter.id)}`,
  ]);
}

/** The envelope and the data too, which hold what customers wrote. */
export function wholeText(letter: DeadLetter): string {
  const { message, flow, flowVersion, queue, code, reason, facts, state, history } = letter;
  const { firstFailed, firstCode, firstReason } = letter;
  const { meaning } = rowOf(code);
  const { data, ...attributes } = message;
  const pairs = (values: object): string[] =>
    Object.entries(values).map(([name, value]) => `  ${name.padEnd(16)} ${String(value)}`);
  return lines([
    `${message.subject}  ${state}`,
    ...pairs({ id: letter.id, flow: `${flow} ${flowVersion}`, queue }),
    '',
    `${code}: ${reason}`,
    `  ${meaning}`,
    ...waiting(letter),
    ...decided(letter),
    ...pairs(facts),
    '',
    `First failed ${firstFailed}  ${firstCode}: ${firstReason}`,
    ...history.map((one) => `  ${one.time}  ${one.code}: ${one.detail ?? ''}  (${flow} ${one.flowVersion})`),
    '',
    'Envelope',
    ...pairs(attributes),
    '',
    'Data',
    ...JSON.stringify(data, null, 2).split('\n'),
    '',
    ...repair(letter),
  ]);
}

export function resultText({ id, subject, done, code, message }: LetterResult, deed: string): string {
  const name = subject || id;
  return plain(
    done ? `${name}  ${deed}` : `${name}  as before  ${code}: ${message}  ${rowOf(code ?? '').action}`,
  );
}

function waiting({ state, waitsFor, until }: DeadLetter): string[] {
  return state === 'parked' ? [`  Waits for ${waitsFor} until ${until}`] : [];
}

function decided({ state, decision }: DeadLetter): string[] {
  if (!decision) return [];
  const { time, by, reason, changed } = decision;
  const more = [reason, changed?.length && `changed: ${changed.join(', ')}`].filter(Boolean).join('; ');
  return [`  ${state} by ${by} ${time}${more ? `  ${more}` : ''}`];
}

function repair({ id, state, code, message }: DeadLetter): string[] {
  if (state === 'replayed' || state === 'discarded') return [];
  return [
    `  To do: ${rowOf(code).action}`,
    code === 'CLAIM_CONFLICT' && message.type === 'message.conflict.v1'
      ? `  npx crossdock dead discard ${quoted(id)} --reason "…"`
      : `  npx crossdock dead replay ${quoted(id)}`,
  ];
}

/** A letter of an older version can have a code that is no more. */
function rowOf(code: string): Pick<ErrorCode, 'meaning' | 'action'> {
  return Object.hasOwn(codes, code) ? codes[code as Code] : { meaning: '', action: '' };
}

function quoted(word: string): string {
  return /^[\w./@:-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function lines(all: readonly string[]): string {
  return `${all.map(plain).join('\n')}\n`;
}

/** Partners choose order numbers, and a terminal obeys control characters. */
function plain(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, ' ');
}
