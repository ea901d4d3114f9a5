/** Drafts that a language model writes about issues: when a person asks, one at a time, kept with the issue, and audited. */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { timedId } from '../envelope/envelope.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Documents } from '../journal/documents.ts';
import type { Issues } from '../journal/issues.ts';
import { openAliases } from './aliases.ts';
import { claimsIn, type Claim } from './answer.ts';
import { ask, questionOf, type Language } from './ask.ts';
import { materialOf, type Named } from './material.ts';
import type { Drafting } from './settings.ts';
import type { Subject } from './subject.ts';

export interface Draft {
  /** ISO 8601, UTC. */
  time: string;
  by: string;
  model: string;
  /** SHA-256 of what was sent. */
  digest: string;
  claims: Claim[];
  /** Claims that rested on nothing known. */
  dropped: number;
}

export interface Asked {
  by: string;
  language: Language;
  /** Read when it is clear that there may be a draft. */
  subject(): Promise<Subject>;
  named(): Promise<Named>;
}

export interface Drafter {
  model: string;
  /**
   * The new draft, which takes the place of the last. Throws CodedError TRIAGE_BUSY, TRIAGE_UNREACHABLE, TRIAGE_REFUSED,
   * TRIAGE_ANSWER_INVALID; the last draft stays then.
   */
  draft(asked: Asked): Promise<Draft>;
}

interface Stores {
  documents: Documents;
  issues: Pick<Issues, 'tell'>;
}

const patienceMs = 60_000;
const windowMs = 60_000;
const mostInWindow = 6;

export function openDrafter(
  drafting: Drafting,
  stores: Stores,
  log: Pick<Logger, 'info'>,
  timeoutMs = patienceMs,
): Drafter {
  const turn = limited();
  const { model } = drafting;
  return {
    model,
    draft: (asked) =>
      turn(async () => {
        const [subject, named] = [await asked.subject(), await asked.named()];
        const aliases = openAliases();
        const told = materialOf(subject, named, aliases);
        const body = questionOf(told.material, model, asked.language);
        const digest = createHash('sha256').update(body).digest('hex');
        const { id } = subject.issue;
        const note = async (what: string, detail: string): Promise<void> => {
          const time = new Date().toISOString();
          await stores.issues.tell(id, { id: timedId(), time, who: asked.by, what, detail });
          log.info({ audit: 'triage', user: asked.by, issue: id, what, detail }, 'audit');
        };
        // What is not noted is not sent.
        await note('draft', `${model}, ${Buffer.byteLength(body)} bytes, sha256 ${digest}`);
        try {
          const { claims, dropped } = claimsIn(await ask(drafting, body, timeoutMs), told, aliases);
          const draft = { time: new Date().toISOString(), by: asked.by, model, digest, claims, dropped };
          await keep(stores.documents, id, draft);
          await note('drafted', `${claims.length} kept, ${dropped} dropped`);
          return draft;
        } catch (error) {
          await note('draft failed', asCoded(error).code);
          throw error;
        }
      }),
  };
}

const kind = 'triage-draft';

async function keep(documents: Documents, issue: string, draft: Draft): Promise<void> {
  await documents.put(kind, issue, JSON.stringify(draft));
}

export async function lastDraft(documents: Documents, issue: string): Promise<Draft | undefined> {
  const text = await documents.get(kind, issue);
  return text === undefined ? undefined : (JSON.parse(text) as Draft);
}

/** Throws CodedError TRIAGE_BUSY where another is under way, or too many were asked for. */
function limited(): <T>(work: () => Promise<T>) => Promise<T> {
  let busy = false;
  let begun: number[] = [];
  return async (work) => {
    if (busy) throw new CodedError('TRIAGE_BUSY', 'Another draft is being written');
    const now = Date.now();
    begun = begun.filter((at) => at > now - windowMs);
    if (begun.length >= mostInWindow)
      throw new CodedError('TRIAGE_BUSY', `${mostInWindow} drafts were asked for within a minute`);
    begun.push(now);
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  };
}
