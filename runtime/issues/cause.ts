/** What a person repairs once: failures with the same cause are one issue. */
import { deterministicId } from '../envelope/envelope.ts';
import type { Facts } from '../errors/coded-error.ts';
import { codeOf, type Code } from '../errors/codes.ts';

export interface Cause {
  /** Empty where the same repair helps every flow. */
  flow: string;
  code: string;
  /** Empty where the same repair helps every partner. */
  partner: string;
  /** What is to be repaired, or the reason without what is of one record alone. */
  cause: string;
}

export interface Failed {
  flow: string;
  code: string;
  partner: string;
  reason: string;
  facts: Facts;
  /** The order number. */
  subject: string;
}

interface Repaired {
  /** The facts that name it; of `a|b` the first that is there. */
  by?: readonly string[];
  /** The reason as it is: it speaks of no record. */
  exactly?: true;
  /** For every flow and partner. */
  everywhere?: true;
}

const everywhere = { by: [], everywhere: true } as const;
/** The other system, whoever calls it. */
const host = { by: ['host'], everywhere: true } as const;

/** Where a code does not stand here, its normalised reason is the cause. */
const repaired: Partial<Record<Code, Repaired>> = {
  VALUE_UNMAPPED: { by: ['map', 'value'] },
  ODOO_VALUE_UNKNOWN: { by: ['map', 'target|value'] },
  PRODUCT_UNKNOWN: { by: ['sku|barcode'] },
  PRODUCT_AMBIGUOUS: { by: ['sku|barcode'] },
  UNIT_DIFFERS: { by: ['unit'] },
  CURRENCY_UNKNOWN: { by: ['currency'] },
  FIELD_UNKNOWN: { by: ['field'] },
  SCHEMA_INVALID: { by: ['schema', 'path'] },
  MAPPING_INVALID: { by: ['mapping', 'map|schema'] },
  KEY_MISSING: { by: ['setting|event'] },
  EVENT_UNKNOWN: { by: ['event'] },
  EVENT_UNROUTABLE: { by: ['event|queue'] },
  SOURCE_FORBIDDEN: { by: ['source'] },
  EDI_PARTNER_UNKNOWN: { by: ['sender|partner', 'receiver'] },
  EDI_VALUE_INVALID: { by: ['element|type'] },
  EDI_REJECTED: { by: ['codes'] },
  QUEUE_FULL: { by: ['queue'] },
  ODOO_ACCESS: { by: ['model', 'method'] },
  ODOO_TOTAL_MISMATCH: { by: ['reasons'] },
  NOTHING_DONE: { exactly: true },
  AUTHORITY_MISSING: { exactly: true },
  PREDECESSOR_MISSING: { by: [] },
  DELIVERY_TIMEOUT: { by: [] },
  SETTING_MISSING: { by: ['missing'], everywhere: true },
  BROKER_UNAVAILABLE: everywhere,
  STORE_UNAVAILABLE: everywhere,
  STORE_FULL: everywhere,
  HUB_BUSY: everywhere,
  HUB_DRAINING: everywhere,
  ODOO_UNREACHABLE: everywhere,
  ODOO_TIMEOUT: everywhere,
  ODOO_ANSWER_LOST: everywhere,
  ODOO_BUSY: everywhere,
  ODOO_AUTH: everywhere,
  ODOO_ADDRESS_WRONG: everywhere,
  PARTNER_UNREACHABLE: host,
  PARTNER_TIMEOUT: host,
  PARTNER_ANSWER_LOST: host,
  PARTNER_BUSY: host,
  PARTNER_AUTH: host,
  PARTNER_ADDRESS_WRONG: host,
  PARTNER_FAILED: host,
};

export function causeOf(failed: Failed): Cause {
  const { flow, code, partner, reason, facts } = failed;
  const known = codeOf(code);
  const { by, exactly, everywhere = false } = (known && repaired[known]) ?? {};
  const named = by?.flatMap((name) => factOf(facts, name) ?? []).map((one) => general(code, one)) ?? [];
  const isNamed = by !== undefined && (named.length > 0 || by.length === 0);
  const cause = isNamed ? named.join(' ') : exactly ? reason : normalised(failed);
  return {
    flow: everywhere ? '' : flow,
    code,
    partner: everywhere ? '' : partner,
    cause: cause.slice(0, 300),
  };
}

/** Whether the same repair helps every flow and partner. */
export function isEverywhere(code: string): boolean {
  const known = codeOf(code);
  return (known && repaired[known]?.everywhere) ?? false;
}

export function issueId({ flow, code, partner, cause }: Cause): string {
  return deterministicId('issue', flow, code, partner, cause);
}

function factOf(facts: Facts, names: string): string | undefined {
  const found = names.split('|').find((name) => (facts[name] ?? '') !== '');
  return found === undefined ? undefined : String(facts[found]);
}

/** What stands in a fact beside the cause. */
function general(code: string, fact: string): string {
  // The third line lacks the same field as the first.
  if (code === 'SCHEMA_INVALID') return fact.replace(/(?<=^|\/)\d+(?=\/|$)/g, '*');
  if (code === 'ODOO_TOTAL_MISMATCH') return mainReason(fact);
  return fact;
}

/** The first is the one that is known best. What names a tax is repaired tax by tax. */
function mainReason(reasons: string): string {
  const tax = /the tax .*?(?=; value map tax)/.exec(reasons);
  return tax?.[0] ?? withoutNumbers(reasons.split('; ')[0]!);
}

/** Facts that name the record a failure is about, never what has to be repaired. */
const ofRecord =
  'order id name number picking payment refund invoice record about product article sku barcode reference customer serial lot'.split(
    ' ',
  );

/** The reason without numbers, ids and quoted values. */
function normalised({ reason, facts, subject }: Failed): string {
  const values = [subject, ...ofRecord.map((name) => String(facts[name] ?? ''))]
    .filter((value) => value.length > 1)
    .toSorted((a, b) => b.length - a.length);
  const rest = values.reduce((text, value) => text.replaceAll(value, '#'), reason);
  return withoutNumbers(rest.replace(/(?<=^|[\s(:])(['"`])[^'"`]+\1(?=$|[\s,.;:)])/g, '#'));
}

function withoutNumbers(text: string): string {
  return text
    .replace(/[^\s,;:()]*[\d#@][^\s,;:()]*/g, '#')
    .replace(/#(?:,? (?:and )?#)+/g, '#')
    .replace(/\s+/g, ' ')
    .trim();
}
