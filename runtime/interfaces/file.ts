/** What nobody can derive of an interface: who owns it, how far it is, whose data it carries: definitions/interfaces.yaml. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { networkOf } from '../intake/addresses.ts';
import { fingerprintOf } from '../intake/client-certificate.ts';
import { tiers } from '../limits/limits.ts';
import { ownSchema } from '../schema/schema.ts';

/** In the order an interface goes through them; none goes back. */
export const states = ['proposed', 'approved', 'live', 'deprecated', 'retired'] as const;
export type State = (typeof states)[number];

export const dataClasses = ['public', 'internal', 'personal', 'financial'] as const;
export type DataClass = (typeof dataClasses)[number];

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const words = Type.Array(word, { minItems: 1, uniqueItems: true });
const day = Type.String({ format: 'date' });
const name = '[A-Za-z0-9:._~-]+';

const EdgePolicy = Type.Object(
  {
    /** Beside the rate of the webhook itself. */
    rate: Type.Optional(
      Type.Object(
        {
          requests: Type.Integer({ minimum: 1 }),
          seconds: Type.Optional(Type.Integer({ minimum: 1, maximum: 86_400 })),
          /** One budget for the interface (default), or one for each client address. */
          each: Type.Optional(Type.Enum(['interface', 'address'])),
        },
        closed,
      ),
    ),
    /** Of a body; the smaller of this and what the webhook says. */
    maxKb: Type.Optional(Type.Integer({ minimum: 1, maximum: 102_400 })),
    /** CIDR or single addresses, IPv4 and IPv6. */
    addresses: Type.Optional(words),
    /** Of the client, as a trusted proxy says it: one of these. */
    certificate: Type.Optional(
      Type.Object(
        {
          header: Type.Optional(Type.String({ pattern: '^[a-z][a-z0-9-]*$' })),
          /** SHA-256, in hex. */
          fingerprints: Type.Optional(words),
          /** `CN=partner,O=Partner Ltd`. */
          subjects: Type.Optional(words),
        },
        { ...closed, minProperties: 1 },
      ),
    ),
  },
  { ...closed, minProperties: 1 },
);

const Entry = Type.Object(
  {
    /** A team of definitions/ownership.yaml. */
    owner: word,
    state: Type.Enum([...states]),
    class: Type.Enum([...dataClasses]),
    /** Where it does not follow from flows and events. */
    version: Type.Optional(word),
    /** Of the service level; default that of its flow. */
    tier: Type.Optional(Type.Enum([...tiers])),
    /** From `approved` on. */
    approved: Type.Optional(Type.Object({ by: word, on: day }, closed)),
    /** From `deprecated` on: since when, until when it is answered, and when its consumers were told. */
    deprecated: Type.Optional(day),
    sunset: Type.Optional(day),
    told: Type.Optional(day),
    /** From `retired` on. */
    retired: Type.Optional(day),
    /** Beside those that follow from flows and partners. */
    consumers: Type.Optional(words),
    edge: Type.Optional(EdgePolicy),
  },
  closed,
);

export const InterfacesFile = Type.Record(
  Type.String({ pattern: `^(webhook|event|edi|api|file)/${name}(/${name})*$` }),
  Entry,
  closed,
);
const schema = ownSchema(InterfacesFile);

export type Entry = Static<typeof Entry>;
export type EdgePolicy = Static<typeof EdgePolicy>;
export type Entries = ReadonlyMap<string, Entry>;

export const interfacesFile = 'interfaces.yaml';

/** By id. Empty where there is no file. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadInterfaces(definitionsDir: string, text?: string): Entries {
  const path = join(definitionsDir, interfacesFile);
  if (text === undefined && !existsSync(path)) return new Map();
  const all = readYaml<Static<typeof InterfacesFile> | null>(path, schemaOrNone, text) ?? {};
  for (const [id, { edge }] of Object.entries(all)) {
    if (!edge) continue;
    if (!id.startsWith('webhook/'))
      throw wrong(path, `${id} has an edge policy, and only webhooks have an edge`);
    for (const one of edge.addresses ?? [])
      if (!networkOf(one)) throw wrong(path, `${id} allows ${one}, which is no address and no CIDR range`);
    for (const one of edge.certificate?.fingerprints ?? [])
      if (!fingerprintOf(one)) throw wrong(path, `${id} names ${one}, which is no SHA-256 fingerprint`);
    if (edge.certificate && !edge.certificate.fingerprints && !edge.certificate.subjects)
      throw wrong(path, `${id} asks for a certificate and says neither fingerprints nor subjects`);
  }
  return new Map(Object.entries(all));
}

/** A file of nothing but comments has no interfaces. */
const schemaOrNone = {
  ...schema,
  check: (value: unknown) => (value === null ? undefined : schema.check(value)),
};

/** So far at least. */
export function reached(state: State, least: State): boolean {
  return states.indexOf(state) >= states.indexOf(least);
}

/** May be used by a flow where approval is asked for. */
export function isApproved(entry: Pick<Entry, 'state'> | undefined): boolean {
  return entry !== undefined && reached(entry.state, 'approved') && entry.state !== 'retired';
}

function wrong(file: string, what: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file}: ${what}`, { file });
}
