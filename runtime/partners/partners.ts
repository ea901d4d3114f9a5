/** The partners: one file each, with what holds for their orders, how they sign, and for those by EDI both addresses and what goes which way. */
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
    qualifier: Type.Optional(Type.String({ title: 'Qualifier', minLength: 1 })),
    id: Type.String({ title: 'Id', minLength: 1, maxLength: 35 }),
  },
  closed,
);
const types = Type.Array(Type.String({ pattern: '^([0-9]{3}|[A-Z]{6})$' }));

const Orders = Type.Object(
  {
    /** Of addresses that name none. ISO 3166-1 alpha-2. */
    country: Type.Optional(
      Type.String({
        title: 'Country',
        pattern: '^[A-Z]{2}$',
        description: 'Of addresses that name none: US.',
      }),
    ),
    /** Of orders that name none. ISO 4217. */
    currency: Type.Optional(
      Type.String({
        title: 'Currency',
        pattern: '^[A-Z]{3}$',
        description: 'Of orders that name none: USD.',
      }),
    ),
    /** How far the total in Odoo may be off, in the smallest unit of the currency, for each line and charge. */
    tolerance: Type.Optional(
      Type.Integer({
        title: 'Tolerance',
        minimum: 0,
        maximum: 100,
        description: 'How far the total in Odoo may be off, in the smallest coin, for each line and charge.',
      }),
    ),
    /** Orders that the partner marks as a test. */
    tests: Type.Optional(Type.Enum(['refuse', 'quotation', 'order'], { title: 'Test orders' })),
    /** Orders that are not paid yet, where the partner takes the money. */
    unpaid: Type.Optional(Type.Enum(['wait', 'quotation', 'order'], { title: 'Unpaid orders' })),
    /** Orders whose goods somebody else ships from stock of his own keeping, as Amazon does. */
    fulfilledElsewhere: Type.Optional(
      Type.Enum(['refuse', 'quotation', 'order'], { title: 'Orders shipped by others' }),
    ),
    /** Of a payment provider: whose order it is when a payment says its number and no more. */
    shop: Type.Optional(
      Type.String({
        title: 'Shop',
        pattern: '^[a-z][a-z0-9-]*$',
        description: 'Whose order it is when a payment says its number and no more.',
      }),
    ),
  },
  { ...closed, title: 'Rules of its orders' },
);

/** What a partner sends in the canonical model, each by a route of its own. */
export const documents = [
  'orders',
  'updates',
  'cancellations',
  'shipments',
  'returns',
  'receipts',
  'transfers',
  'counts',
  'payments',
  'bills',
] as const;
export type SentDocument = (typeof documents)[number];

const Direct = Type.Object(
  {
    /** `${NAME}`: the variable with its active secrets, separated by blanks. Nobody else has them. */
    secrets: Type.String({ title: 'Variable of the secrets', pattern: '^\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}$' }),
    /** What it may send. */
    sends: Type.Array(Type.Enum([...documents]), { minItems: 1, uniqueItems: true }),
  },
  { ...closed, title: 'Canonical documents' },
);

/** As a form shows it. */
export const PartnerFile = Type.Object(
  {
    /** What its orders and shipments have as their source. */
    partner: Type.String({ title: 'Short name', pattern: '^[a-z][a-z0-9-]*$' }),
    owner: Type.String({ title: 'Owner', minLength: 1 }),
    summary: Type.String({ title: 'Summary', minLength: 1 }),
    orders: Type.Optional(Orders),
    /** It sends canonical documents to the hub's own routes. */
    direct: Type.Optional(Direct),
    edi: Type.Optional(
      Type.Object(
        {
          standard: Type.Enum(['x12', 'edifact'], { title: 'Standard' }),
          /** Of what we write: `004010`; `D:96A:UN:EAN008`. */
          version: Type.String({
            title: 'Version',
            minLength: 1,
            description: 'Of what we write: 004010; D:96A:UN:EAN008.',
          }),
          ours: Type.Object(EdiAddress.properties, { ...closed, title: 'Our address' }),
          theirs: Type.Object(EdiAddress.properties, { ...closed, title: 'Their address' }),
          /** What goes both ways is a test, and marked so. What is marked otherwise is rejected. */
          test: Type.Optional(
            Type.Boolean({
              title: 'Test',
              description: 'What goes both ways is marked as a test. What is marked otherwise is rejected.',
            }),
          ),
          /** The types it sends; others are answered as rejected. 997, TA1 and CONTRL need no mention. */
          sends: types,
          /** The types it takes. */
          takes: types,
        },
        { ...closed, title: 'EDI' },
      ),
    ),
  },
  closed,
);

const schema = ownSchema(PartnerFile);

export type PartnerFile = Static<typeof PartnerFile>;

/** One that exchanges EDI with us. */
export type Partner = PartnerFile & Required<Pick<PartnerFile, 'edi'>>;

export type OrderRules = Required<Omit<Static<typeof Orders>, 'country' | 'currency' | 'shop'>> & {
  country?: string;
  currency?: string;
  shop?: string;
};

const usual: OrderRules = { tolerance: 1, tests: 'refuse', unpaid: 'wait', fulfilledElsewhere: 'quotation' };

/** One that signs with secrets of its own. */
export interface DirectPartner {
  partner: string;
  /** Name of the variable. */
  variable: string;
  sends: readonly SentDocument[];
}

export interface Partners {
  /** Of all, also of those whose messages come another way. */
  names: ReadonlySet<string>;
  direct: readonly DirectPartner[];
  /** Those that exchange EDI with us. */
  edi: readonly Partner[];
  /** One that exchanges EDI with us. */
  get(name: string): Partner | undefined;
  /** What holds for the orders of this source; the usual where no file says otherwise. */
  rules(source: string): OrderRules;
  /** The one an interchange of this standard is from and to. Throws EDI_PARTNER_UNKNOWN. */
  ofInterchange(standard: Standard, ends: Pick<Interchange, 'sender' | 'receiver'>): Partner;
}

/**
 * Reads every `*.yaml` of the folder, if there is one. `isRead`: whether what a partner sends is read by anything here.
 * Throws CodedError CONFIG_INVALID that names file and line.
 */
export function loadPartners(
  dir: string,
  isRead: (standard: Standard, type: string) => boolean = () => true,
): Partners {
  const rules = new Map<string, OrderRules>();
  const all = new Map<string, Partner>();
  const direct: DirectPartner[] = [];
  const addresses = new Map<string, Partner>();
  for (const file of existsSync(dir) ? filesEnding(dir, '.yaml') : []) {
    const partner = readYaml<PartnerFile>(file, schema);
    if (`${partner.partner}.yaml` !== basename(file))
      throw wrong(file, `calls its partner ${partner.partner}; both names must be the same`);
    rules.set(partner.partner, { ...usual, ...partner.orders });
    if (partner.direct) direct.push(directOf(file, partner.partner, partner.direct, direct));
    if (!isEdi(partner)) continue;
    const { standard, theirs, ours } = partner.edi;
    const unread = partner.edi.sends.find((type) => !isRead(standard, type));
    if (unread !== undefined)
      throw wrong(
        file,
        `sends ${unread}, and definitions/edi/${standard}.${unread}.yaml names nothing that is read`,
      );
    const address = [standard, text(theirs), text(ours)].join(' ');
    const other = addresses.get(address);
    if (other) throw wrong(file, `has the addresses of ${other.partner}`);
    all.set(partner.partner, partner);
    addresses.set(address, partner);
  }
  return {
    names: new Set(rules.keys()),
    direct,
    edi: [...all.values()],
    get: (name) => all.get(name),
    rules: (source) => rules.get(source) ?? usual,
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

function directOf(
  file: string,
  partner: string,
  { secrets, sends }: Static<typeof Direct>,
  others: readonly DirectPartner[],
): DirectPartner {
  const variable = secrets.slice(2, -1);
  const other = others.find((one) => one.variable === variable);
  if (other) throw wrong(file, `has the secrets of ${other.partner}; each partner has its own`);
  return { partner, variable, sends };
}

function isEdi(partner: PartnerFile): partner is Partner {
  return partner.edi !== undefined;
}

function text({ qualifier, id }: Address): string {
  return qualifier ? `${qualifier}:${id}` : id;
}

function wrong(file: string, why: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${file} ${why}`, { file });
}
