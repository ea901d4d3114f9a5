/** What a partner sent and no flow can take stays as an exception: it waits for a person, and the same again is the same one. */
import { deterministicId, envelope } from '../envelope/envelope.ts';
import type { CodedError } from '../errors/coded-error.ts';
import type { Journal } from '../journal/journal.ts';

export interface Refused {
  flow: string;
  flowVersion: string;
  type: 'message.conflict.v1' | 'message.refused.v1';
  subject: string;
  /** Tells the same from another one of the same subject. */
  digest: string;
  data: unknown;
  error: CodedError;
}

export async function keepRefused({ journal }: { journal: Journal }, refused: Refused): Promise<void> {
  const { flow, flowVersion, type, subject, digest, data, error } = refused;
  const now = new Date().toISOString();
  const known = { source: flow, type, subject, flow, flowversion: flowVersion };
  await journal.saveDeadLetter({
    id: `${flow}/${subject}/${digest}`,
    queue: flow,
    flow,
    flowVersion,
    message: envelope({ ...known, id: deterministicId(flow, subject, digest), data }),
    code: error.code,
    reason: error.message,
    facts: error.facts,
    firstFailed: now,
    firstCode: error.code,
    firstReason: error.message,
    lastFailed: now,
    attempts: 1,
    history: [{ time: now, code: error.code, detail: error.message, flowVersion }],
    state: 'open',
  });
}
