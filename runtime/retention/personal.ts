/** What of a message is of a person: names, addresses, email, phone; by the names of fields, whatever partner they are of. */
import { CodedError } from '../errors/coded-error.ts';

/** Who is meant: by email, or by the id that a partner gave. */
export type Wanted = { email: string } | { id: string; source?: string };

/** `jane@example.com`, `4711` or, of one partner only, `shopify/4711`. Throws CodedError REQUEST_INVALID. */
export function wantedOf(text: string): Wanted {
  const given = text.trim();
  if (given.includes('@')) return { email: given.toLowerCase() };
  const [, source, id = given] = /^([a-z][a-z0-9-]*)\/(.+)$/.exec(given) ?? [];
  if (id.length === 0)
    throw new CodedError('REQUEST_INVALID', 'Say whose data: --customer with an email or an id');
  return { id, ...(source !== undefined && { source }) };
}

export interface Found {
  /** A text that is of a person; what is given back stands there instead. */
  personal(text: string, field: string): string | null;
  /** Any other text. */
  other(text: string): string;
}

/** The same value, with what `found` gives for its texts. */
export function throughPersonal(value: unknown, found: Found): unknown {
  return through(value, { field: '', person: 'unknown' }, found);
}

/** The emails of the customers in it that have this id; undefined where there is none of them. */
export function emailsOf(
  value: unknown,
  { id, source }: { id: string; source?: string },
): string[] | undefined {
  const found: unknown[] = [];
  let isThere = false;
  const isThis = (one: unknown, of: unknown) =>
    isId(one) && String(one) === id && (source === undefined || source === of);
  const visit = (one: unknown, field: string, from: { source?: unknown; email?: unknown }): void => {
    if (Array.isArray(one)) for (const inner of one) visit(inner, field, from);
    if (ids.has(field) && isThis(one, from.source)) [isThere] = [true, found.push(from.email)];
    if (!isObject(one)) return;
    const { source: of = from.source, email = from.email } = one;
    if (people.has(field) && isThis(one['id'], of)) [isThere] = [true, found.push(email)];
    for (const [name, inner] of Object.entries(one)) visit(inner, plain(name), { source: of, email });
  };
  visit(value, '', {});
  const emails = found.filter((email) => typeof email === 'string' && email.includes('@')) as string[];
  return isThere ? emails.map((email) => email.toLowerCase()) : undefined;
}

function isId(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}

/** Finds a text as a word of its own, in whatever letters; the longest of several first. */
export function wordsOf(texts: Iterable<string>): RegExp | undefined {
  const sorted = [...texts].toSorted((a, b) => b.length - a.length).map((text) => RegExp.escape(text));
  if (sorted.length === 0) return undefined;
  return new RegExp(
    `(?<![\\p{L}\\p{N}._%+-])(?:${sorted.join('|')})(?![\\p{L}\\p{N}_]|[-.@][\\p{L}\\p{N}])`,
    'giu',
  );
}

interface FieldContext {
  /** In small letters, without `_` and `-`. */
  field: string;
  /** It is somewhere inside of a person or an address; `no`: of one of the seller's own. */
  person: 'yes' | 'no' | 'unknown';
}

const set = (words: string) => new Set(words.split(' '));
const people = set(
  'customer buyer recipient payer contact billto shipto deliverto billing shipping billingaddress shippingaddress ' +
    'defaultaddress address billingdetails customeraddress addresses contacts customers',
);
const ids = set('customerid customer partnercustomerid buyerid');
/** Of the seller. */
const ours = /^(shipfrom|from|warehouse|location|origin|seller|supplier)/;
const always = set(
  'email contactemail receiptemail customeremail buyeremail billingemail phone mobile telephone firstname lastname fullname ' +
    'customername buyername street street2 address1 address2 postalcode zip note customernote browserip iban latitude longitude',
);
/** Of a person, these are of use to nobody but the machine. */
const kept =
  /^(id|.*gid|source|country|countrycode|currency|type|kind|role|status|number|code|active|customerid|partnerid|externalid|adminapigraphqlid|admingraphqlapiid|locale|language|version|time|at|.*(created|updated|changed)at|.*(spent|amount|total|price|count))$/;
/** Too common to be looked for elsewhere. */
const coarse = set(
  'city region province provincecode state postalcode zip note customernote tags title salutation latitude longitude',
);
const SHORTEST = 4;

/** Whether a text of this field is looked for in what belongs to the same orders. */
export function isTelling(text: string, field: string): boolean {
  return text.trim().length >= SHORTEST && !coarse.has(field);
}

function through(value: unknown, at: FieldContext, found: Found): unknown {
  if (Array.isArray(value))
    return value.map((one) =>
      through(one, isObject(one) && at.field === 'shipping' ? { ...at, field: '' } : at, found),
    );
  if (isObject(value)) {
    const person = personIn(value, at);
    const names = ['first_name', 'last_name', 'firstName', 'lastName'].flatMap((name) => value[name] ?? []);
    if (names.length === 2) found.personal(names.join(' '), 'name');
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [
        name,
        through(inner, { field: plain(name), person }, found),
      ]),
    );
  }
  const isPersonal =
    at.person !== 'no' && (always.has(at.field) || (at.person === 'yes' && !kept.test(at.field)));
  if (typeof value === 'number') return isPersonal && always.has(at.field) ? null : value;
  if (typeof value !== 'string' || value === '') return value;
  return isPersonal ? found.personal(value, at.field) : found.other(value);
}

function personIn(value: Record<string, unknown>, { field, person }: FieldContext): FieldContext['person'] {
  if (person !== 'unknown') return person;
  if (ours.test(field)) return 'no';
  return people.has(field) || looksLikePerson(value) ? 'yes' : 'unknown';
}

/** Has a name and a place, and is no list of something. */
function looksLikePerson(value: Record<string, unknown>): boolean {
  const fields = new Set(Object.keys(value).map(plain));
  const has = (words: readonly string[]) => words.some((word) => fields.has(word));
  const isNamed = has(['name', 'firstname', 'lastname', 'company']);
  const isPlaced = has(['street', 'address1', 'email', 'phone', 'address']);
  return isNamed && isPlaced && !Object.values(value).some(Array.isArray);
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
