/** Random inputs of expressions: orders as partners send them, and what nobody expects. */
import fc from 'fast-check';

/** Names of fields, so that expressions find some of them. */
export const names = ['id', 'name', 'lines', 'sku', 'qty', 'price', 'taxes', 'tags', 'ship', 'note'] as const;
/** Names that a language has plans of its own for. */
export const oddNames = ['length', 'constructor', '__proto__', 'sequence', 'a b', '0', 'and', ''] as const;

export const text = fc.oneof(
  fc.constantFrom('A', 'B', 'A-1', 'b2b', 'new', '', ' a b ', 'lines', 'sku', '__proto__', 'constructor'),
  fc.constantFrom('19.99', '0', '-1.5', '1e3', '007', '12345678901234567890', '2026-11-02T14:00:00Z', 'EUR'),
  fc.constantFrom('é', '🙂', 'a🙂b', '\u0000', '"', '\\', '\n'),
);
export const number = fc.oneof(
  fc.integer({ min: -3, max: 6 }),
  fc.constantFrom(0.1, 0.2, 0.3, 10.5, 19.99, -7.25, 1.005, 1e-7, 1_234_567.891),
  fc.constantFrom(2 ** 53 - 1, 2 ** 53, 1e20, -(2 ** 53), 1e21, 1e300, 450_359_962_737_049.5),
);
const scalar = fc.oneof(text, number, fc.boolean(), fc.constant(null));

const maybe = <T>(value: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 6, arbitrary: value as fc.Arbitrary<unknown> }, scalar, fc.constant([]));
const record = (fields: Record<string, fc.Arbitrary<unknown>>) => fc.record(fields, { requiredKeys: [] });
const amount = fc.oneof(number, fc.constantFrom('10.50', '3', '0.10', '7.25'));
const sku = fc.constantFrom('A', 'B', 'C');

const tax = record({ name: fc.constantFrom('vat', 'city'), price: amount, id: fc.nat(9) });
const line = record({
  sku,
  qty: fc.integer({ min: 0, max: 5 }),
  price: amount,
  taxes: maybe(fc.array(tax, { maxLength: 3 })),
  name: maybe(text),
  tags: maybe(fc.array(text, { maxLength: 3 })),
});
const order = record({
  id: fc.oneof(fc.nat(99), fc.constantFrom('17', '820982911946154508')),
  name: maybe(text),
  note: scalar,
  lines: maybe(fc.array(line, { maxLength: 4 })),
  tags: maybe(fc.array(text, { maxLength: 4 })),
  taxes: maybe(fc.array(fc.array(tax, { maxLength: 2 }), { maxLength: 2 })),
  ship: maybe(record({ name: text, lines: fc.array(text, { maxLength: 2 }), price: amount })),
});

const { odd } = fc.letrec<{ odd: unknown; list: unknown[]; fields: object }>((tie) => ({
  odd: fc.oneof({ depthSize: 'small' }, scalar, tie('list'), tie('fields')),
  list: fc.array(tie('odd'), { maxLength: 4 }),
  fields: fc
    .array(fc.tuple(fc.constantFrom<string>(...names, ...oddNames), tie('odd')), { maxLength: 4 })
    .map((entries) => Object.fromEntries(entries) as object),
}));

/** Also nothing at all. */
export const input: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: order },
  { weight: 2, arbitrary: fc.array(order, { maxLength: 3 }) },
  { weight: 3, arbitrary: odd },
  fc.constant(undefined),
);

/** One or two parts of a message that are other than its sender usually has them. */
export const spoilt = fc.array(
  fc.tuple(fc.nat(), fc.oneof(odd, fc.constant('gone'), fc.constant('listed'))),
  {
    minLength: 1,
    maxLength: 2,
  },
);

/** A copy of the message in which the parts of these numbers are replaced, gone, or in a list. */
export function spoil(message: unknown, parts: readonly (readonly [number, unknown])[]): unknown {
  const copy = { message: structuredClone(message) };
  for (const [number, value] of parts) {
    const all = [...partsOf(copy)];
    if (all.length === 0) break;
    const [holder, name] = all[number % all.length]!;
    if (value === 'gone' && Array.isArray(holder)) holder.splice(Number(name), 1);
    else if (value === 'gone') delete holder[name];
    else holder[name] = value === 'listed' ? [holder[name]] : value;
  }
  return copy.message;
}

function* partsOf(holder: object): Generator<[holder: Record<string, unknown>, name: string]> {
  for (const [name, value] of Object.entries(holder)) {
    yield [holder as Record<string, unknown>, name];
    if (typeof value === 'object' && value !== null) yield* partsOf(value as object);
  }
}
