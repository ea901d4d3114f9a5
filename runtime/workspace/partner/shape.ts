/** Which bodies the guide can make a partner of: one JSON object a message. Of others it says at once what else to do. */
import { CodedError } from '../../errors/coded-error.ts';
import { parseJson } from '../../verify/parse.ts';
import type { Verified } from '../../verify/verify.ts';

const inEditor = 'or make its flow in the editor, by a webhook verify whose content is text';

const formats: readonly [what: string, shape: RegExp, instead: string][] = [
  ['an EDI interchange', /^(ISA[^A-Za-z0-9\s]|UN[AB].)/, 'make a partner of EDI under Partners instead'],
  ['XML or HTML', /^</, inEditor],
  ['a form with files', /^--[^\r\n]+\r?\ncontent-disposition:/i, inEditor],
  ['a form', /^[^\s=&{}[\]"<]+=[^\s]*$/, inEditor],
  ['CSV', /^[^{[\r\n]*[,;\t|][^\r\n]*(\r?\n|$)/, inEditor],
];

/** Throws CodedError BODY_NOT_JSON, with the place where it breaks, and REQUEST_INVALID for JSON that is no object. */
export function messageIn(body: string): Record<string, unknown> {
  const value = parsed(body);
  if (Array.isArray(value))
    throw refusal(
      'REQUEST_INVALID',
      `a list of ${value.length}`,
      'or make its flow in the editor, with a mapping that takes the list apart',
    );
  if (typeof value !== 'object' || value === null)
    throw refusal('REQUEST_INVALID', 'one plain value', inEditor);
  return value as Record<string, unknown>;
}

function parsed(body: string): unknown {
  try {
    return parseJson({ rawBody: Buffer.from(body) } as Verified);
  } catch (error) {
    const format = formats.find(([, shape]) => shape.test(body.trimStart()));
    throw format ? refusal('BODY_NOT_JSON', format[0], format[2]) : error;
  }
}

function refusal(code: 'BODY_NOT_JSON' | 'REQUEST_INVALID', what: string, instead: string): CodedError {
  return new CodedError(
    code,
    `The body is ${what}. This guide is for partners that send one JSON object a message: ask the partner for that, ${instead}`,
  );
}
