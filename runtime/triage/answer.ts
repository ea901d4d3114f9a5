/** What a language model said, as far as it has the form asked for and names what it rests on: text, and nothing else. */
import Type, { type Static } from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';
import type { Aliases } from './aliases.ts';
import type { Told } from './material.ts';
import type { Help } from './past.ts';
import type { CaseStep } from './subject.ts';

const closed = { additionalProperties: false };
const Claims = Type.Object(
  {
    claims: Type.Array(
      Type.Object(
        {
          text: Type.String({ minLength: 1, maxLength: 600 }),
          steps: Type.Array(Type.String({ maxLength: 20 }), { maxItems: 40 }),
        },
        closed,
      ),
      { maxItems: 12 },
    ),
  },
  closed,
);
const schema = ownSchema(Claims);

/** Of what is asked for: the rest of the answer is not looked at. */
interface Completion {
  choices?: { message?: { content?: unknown } }[];
}

/** What a claim rests on: a step of the trace, or what helped before. */
export type Rest =
  | ({ id: string; is: 'step' } & Pick<CaseStep, 'time' | 'flow' | 'step' | 'outcome' | 'code'>)
  | ({ id: string; is: 'help' } & Pick<Help, 'kind' | 'near' | 'detail'>);

export interface Claim {
  text: string;
  rests: Rest[];
}

/** Throws CodedError TRIAGE_ANSWER_INVALID, without a word of the answer. */
export function claimsIn(body: string, told: Told, aliases: Aliases): { claims: Claim[]; dropped: number } {
  const content = (parsed(body) as Completion | null)?.choices?.[0]?.message?.content;
  if (typeof content !== 'string') throw invalid('no text');
  const answer = parsed(content);
  const wrong = schema.check(answer);
  if (wrong) throw invalid(`${wrong.path.replace(/[^\w/]/g, '') || 'the answer'}, ${wrong.rule}`);
  const said = (answer as Static<typeof Claims>).claims;
  const claims = said.flatMap(({ text, steps }): Claim[] => {
    const rests = [...new Set(steps)].flatMap((id) => restOf(id, told) ?? []);
    const plain = plainText(aliases.back(text));
    return rests.length > 0 && plain !== '' ? [{ text: plain, rests }] : [];
  });
  return { claims, dropped: said.length - claims.length };
}

function restOf(id: string, { steps, helps }: Told): Rest | undefined {
  const [found, help] = [steps.get(id), helps.get(id)];
  if (found) {
    const { time, flow, step, outcome, code } = found;
    return { id, is: 'step', time, flow, step, outcome, code };
  }
  return help && { id, is: 'help', kind: help.kind, near: help.near, detail: help.detail };
}

/** Without what moves or hides other text. */
function plainText(text: string): string {
  return text
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ')
    .replace(/ {2,}/g, ' ')
    .trim();
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw invalid('no JSON');
  }
}

function invalid(why: string): CodedError {
  return new CodedError('TRIAGE_ANSWER_INVALID', `The model did not keep to the form: ${why}`);
}
