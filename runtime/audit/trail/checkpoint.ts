/** The end of the audit's chain at one time, signed by the hub: kept outside, it shows what was changed inside. */
import type { KeyObject } from 'node:crypto';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import {
  digestOf,
  signed,
  whyUntrusted,
  type Signature,
  type TrustedKeys,
} from '../../signature/signature.ts';
import { readJson } from '../../schema/read-json.ts';
import { ownSchema } from '../../schema/schema.ts';
import type { Link } from '../chain.ts';

export interface Checkpoint extends Link {
  /** ISO 8601, UTC. */
  at: string;
  /** Ed25519 over the hash of the canonical JSON of the rest. */
  signature: Signature;
}

const closed = { additionalProperties: false };
const schema = ownSchema(
  Type.Object(
    {
      sequence: Type.Integer({ minimum: 1 }),
      hash: Type.String({ pattern: '^sha256:[0-9a-f]{64}$' }),
      at: Type.String({ format: 'date-time' }),
      signature: Type.Object({ key: Type.String(), value: Type.String() }, closed),
    },
    closed,
  ),
);

export function checkpointOf({ sequence, hash }: Link, key: KeyObject, now: Date): Checkpoint {
  const said = { sequence, hash, at: now.toISOString() };
  return { ...said, signature: signed(digestOf(said), key) };
}

/** Of a file with one a line. `refused` is told of a line that is none, AUDIT_CHECKPOINT_INVALID, and the others count. */
export function readCheckpoints(
  text: string,
  trusted: TrustedKeys,
  refused: (error: CodedError) => void = (error) => {
    throw error;
  },
): Checkpoint[] {
  return text.split('\n').flatMap((line, at) => {
    if (!line.trim()) return [];
    try {
      return [readCheckpoint(line, at + 1, trusted)];
    } catch (error) {
      if (!(error instanceof CodedError)) throw error;
      refused(error);
      return [];
    }
  });
}

function readCheckpoint(text: string, line: number, trusted: TrustedKeys): Checkpoint {
  const unsound = (why: string) =>
    new CodedError('AUDIT_CHECKPOINT_INVALID', `Line ${line} is no checkpoint: ${why}`, { line });
  // Before it may stand what a syslog server writes.
  const { signature, ...said } = readJson<Checkpoint>(
    text.slice(Math.max(0, text.indexOf('{'))),
    schema,
    unsound,
  );
  const why = whyUntrusted(digestOf(said), signature, trusted);
  if (why) throw unsound(why);
  return { ...said, signature };
}
