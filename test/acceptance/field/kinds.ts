/** What partners really send, kept as files: what is sent, and what must stand in Odoo for it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

/** Of one order in Odoo. Only what is named is compared; amounts by value. */
export interface Expected {
  /** `none`: Odoo has no such order. */
  state: 'sale' | 'draft' | 'cancel' | 'none';
  total?: number;
  net?: number;
  currency?: string;
  /** By internal reference: quantity and net amount of all its lines together. */
  lines?: Record<string, { quantity?: number; net?: number }>;
  /** Pieces in transfers that are not done, and done. */
  open?: number;
  shipped?: number;
  shipTo?: { street?: string; city?: string; country?: string };
  billTo?: { street?: string; city?: string; country?: string };
  warehouse?: string;
  invoiced?: number;
  /** Of what was invoiced. */
  paid?: number;
}

export interface Step {
  /** A door of the hub: `shopify/orders`. */
  to: string;
  /** Onto the base of the door; lists are replaced. */
  json?: Record<string, unknown>;
  /** Segments of one document; the envelope is made. */
  x12?: string[];
  edifact?: string[];
  /** The whole text. */
  text?: string;
  /** Not before the order in Odoo is so. */
  when?: Expected & { order?: string };
  /** Not before an exception with this code waits. */
  after?: string;
  /** What Amazon's API answers for the order. */
  api?: { order: Record<string, unknown>; items: Record<string, unknown>[] };
  twice?: boolean;
}

export interface Kind {
  partner: string;
  /** In all its ids and numbers. */
  n: string;
  question: string;
  kind: string;
  steps: Step[];
  /** By order number; `<n>` when there is one. */
  right?: Record<string, Expected>;
  /** Payments in Odoo by what the message is called: `stripe pi_<n>`. null: not booked. */
  booked?: Record<string, { amount: number; currency?: string } | null>;
  /** Codes that wait for a person beside what is right. */
  exceptions?: string[];
  /** Codes of which one must be told, by the answer to the webhook, by EDI or as an exception: nothing is confirmed then. */
  refused?: string[];
  /** What goes out by EDI, by type: words that stand in it; false: nothing of that type. */
  answers?: Record<string, string | false>;
  /** Of the last webhook. */
  status?: number;
}

interface File {
  partner: string;
  bases: Record<string, Record<string, unknown>>;
  kinds: Omit<Kind, 'partner' | 'n'>[];
}

/** Every kind, each with an `n` of its own in place of `<n>`, and the run's articles in place of `<A>`. */
export function readKinds(
  run: number,
  article: (letter: string) => string,
  { dir = join(import.meta.dirname, 'kinds'), only }: { dir?: string; only?: RegExp } = {},
): Kind[] {
  const files = readdirSync(dir).toSorted();
  const all = files.flatMap((file) => {
    const { partner, bases, kinds } = parse(readFileSync(join(dir, file), 'utf8'), { merge: true }) as File;
    return kinds.map((kind): Kind => ({
      partner,
      n: '<n>',
      ...kind,
      steps: kind.steps.map((step) => withBase(step, bases)),
    }));
  });
  return all
    .map((kind, at) => filled(kind, String(run + at), article))
    .filter(({ partner, kind }) => !only || only.test(`${partner}: ${kind}`));
}

function withBase(step: Step, bases: Record<string, Record<string, unknown>>): Step {
  const base = bases[step.to];
  return step.json && base ? { ...step, json: merged(base, step.json) as Record<string, unknown> } : step;
}

function merged(base: unknown, over: unknown): unknown {
  if (!isObject(base) || !isObject(over)) return over;
  const keys = new Set([...Object.keys(base), ...Object.keys(over)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, key in over ? merged(base[key], over[key]) : base[key]]),
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function filled<T>(value: T, n: string, article: (letter: string) => string): T {
  const text = JSON.stringify(value)
    .replaceAll('<n>', n)
    .replaceAll(/<([A-Z])>/g, (_, letter: string) => article(letter));
  return JSON.parse(text) as T;
}
