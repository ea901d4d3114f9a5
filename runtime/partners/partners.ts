/** The partners that exchange EDI with us: one file each, with both addresses and what goes which way. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import type { Address, Interchange, Standard } from '../edi/document.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const EdiAddress = Type.Object(
  {
    qualifier: Type.Optional(Type.String({ minLength: 1 })),
    id: Type.String({ minLength: 1, maxLength: 35 }),
  },
  closed,
);
const types = Type.Array(Type.String({ pattern: '^([0-9]{3}|[A-Z]{6})$' }));

const PartnerFile = Type.Object(
  {
    /** What its orders and shipments have as their source. */
    partner: Type.String({ pattern: '^[a-z][a-z0-9-]*$' }),
    owner: Type.String({ minLength: 1 }),
    summary: Type.String({ minLength: 1 }),
    edi: Type.Object(
      {
        standard: Type.Enum(['x12', 'edifact']),
        /** Of what we write: `004010`; `D:96A:UN:EAN008`. */
        version: Type.String({ minLength: 1 }),
        ours: EdiAddress,
        theirs: EdiAddress,
        /** What goes both ways is a test, and marked so. What is marked otherwise is rejected. */
        test: Type.Optional(Type.Boolean()),
        /** The types it sends; others are answered as rejected. 997, TA1 and CONTRL need no mention. */
        sends: types,
        /** The types it takes. */
        takes: types,
      },
      closed,
    ),
  },
  closed,
);

const schema = ownSchema(PartnerFile);

export type Partner = Static<typeof PartnerFile>;

export interface Partners {
  get(name: string): Partner | undefined;
  /** The one an interchange of this standard is from and to. Throws EDI_PARTNER_UNKNOWN. */
  ofInterchange(standard: Standard, ends: Pick<Interchange, 'sender' | 'receiver'>): Partner;
}

/** Reads every `*.yaml` of the folder, if there is one. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadPartners(dir: string): Partners {
  const all = new Map<string, Partner>();
  const addresses = new Map<string, Partner>();
  for (const file of existsSync(dir) ? filesEnding(dir, '.yaml') : []) {
    const partner = readYaml<Partner>(file, schema);
    const { standard, theirs, ours } = partner.edi;
    const address = [standard, text(theirs), text(ours)].join(' ');
    const other = addresses.get(address);
    if (`${partner.partner}.yaml` !== basename(file))
      throw wrong(file, `calls its partner ${partner.partner}; both names must be the same`);
    if (other) throw wrong(file, `has the addresses of ${other.partner}`);
    all.set(partner.partner, partner);
    addresses.set(address, partner);
  }
  return {
    get: (name) => all.get(name),
    ofInterchange(standard, { sender, receiver }) {
      const found = addresses.get([standard, text(sender), text(receiver)].join(' '));
      if (found) return found;
      throw new CodedError(
        'EDI_PARTNER_UNKNOWN',
        `No partner ${text(sender)} sends ${standard} to ${text(receiver)}`,
        {
          sender: text(sender),
          receiver: text(receiver),
        },
      );
    },
  };
}

function text({ qualifier, id }: Address): string {
  return qualifier ? `${qualifier}:${id}` : id;
}

function wrong(file: string, why: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file} ${why}`, { file });
}
