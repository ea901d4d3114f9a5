/** How long what is done is kept: definitions/retention.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

/** In days. */
export interface Retention {
  steps: number;
  messages: number;
  payloads: number;
  letters: number;
  processes: number;
  versions: number;
  rollups: { minutes: number; hours: number; days: number };
  /** By kind. */
  documents: ReadonlyMap<string, DocumentRule>;
}

export interface DocumentRule {
  /** Undefined: for ever. */
  days: number | undefined;
  /** Only those with such an id, where `*` is any text; the others stay. */
  ids?: string;
}

type Days = `${number} days`;
interface RetentionFile extends Record<'steps' | Exclude<Part, 'rollups' | 'documents'>, Days> {
  rollups: Record<keyof Retention['rollups'], Days>;
  documents: Record<string, { keep: Days | 'for ever'; ids?: string }>;
  audit?: Days | 'for ever';
}
type Part = keyof Retention;

const closed = { additionalProperties: false };
const days = Type.String({ pattern: '^[1-9][0-9]{0,4} days$' });
const keep = Type.String({ pattern: '^([1-9][0-9]{0,4} days|for ever)$' });
const schema = ownSchema(
  Type.Object(
    {
      steps: days,
      messages: days,
      payloads: days,
      letters: days,
      processes: days,
      versions: days,
      audit: Type.Optional(keep),
      rollups: Type.Object({ minutes: days, hours: days, days }, closed),
      documents: Type.Record(
        Type.String({ pattern: '^[a-z][a-z-]*$' }),
        Type.Object({ keep, ids: Type.Optional(Type.String({ minLength: 1 })) }, closed),
      ),
    },
    closed,
  ),
);

/** What comes again within these days has to be known again. */
const LEAST_KNOWN = 30;

/** Without a file nothing goes. Throws CodedError CONFIG_INVALID that names file and line, or what contradicts what. */
export function loadRetention(definitionsDir: string): Retention | undefined {
  const file = join(definitionsDir, 'retention.yaml');
  if (!existsSync(file)) return undefined;
  const { rollups, documents, audit = 'for ever', ...parts } = readYaml<RetentionFile>(file, schema);
  const retention: Retention = {
    steps: daysOf(parts.steps),
    messages: daysOf(parts.messages),
    payloads: daysOf(parts.payloads),
    letters: daysOf(parts.letters),
    processes: daysOf(parts.processes),
    versions: daysOf(parts.versions),
    rollups: {
      minutes: daysOf(rollups.minutes),
      hours: daysOf(rollups.hours),
      days: daysOf(rollups.days),
    },
    documents: new Map(
      Object.entries(documents).map(([kind, { keep, ids }]) => [
        kind,
        { days: keep === 'for ever' ? undefined : daysOf(keep), ...(ids !== undefined && { ids }) },
      ]),
    ),
  };
  const wrong = audit === 'for ever' ? contradiction(retention) : auditStays;
  if (wrong) throw new CodedError('CONFIG_INVALID', `${file}: ${wrong}`, { file });
  return retention;
}

/** Ten years are asked for at the least, and without its first rows nobody can verify a chain. */
const auditStays = 'audit is kept for ever: no rule deletes its rows';

function contradiction({ steps, messages, payloads, letters, versions, documents }: Retention) {
  if (messages > steps) return 'messages stand in steps, and cannot be kept longer';
  if (payloads > letters) return 'payloads stand in letters, and cannot be kept longer';
  const short = [...documents].find(([, { days = LEAST_KNOWN }]) => days < LEAST_KNOWN);
  if (short) return `${short[0]} has to be kept ${LEAST_KNOWN} days: what comes again is known by it`;
  if (versions < LEAST_KNOWN)
    return `versions have to be kept ${LEAST_KNOWN} days: what comes late is known by them`;
  return undefined;
}

function daysOf(text: string): number {
  return Number.parseInt(text, 10);
}

/** ISO 8601, UTC: what is older goes. */
export function before(now: Date, days: number): string {
  return new Date(now.getTime() - days * 86_400_000).toISOString();
}
