/**
 * Odoo 19's tax computation of a document. It uses binary fractions in the order of Odoo's account.tax, so that amounts
 * at the edge of a cent round the same way. Only percentages are supported, included in the price or not, each on the
 * base without tax.
 */

export interface SandboxTax {
  id: number;
  /** Rate in percent, such as `15`. */
  percent: number;
  included: boolean;
}

export interface BaseLine {
  quantity: number;
  price: number;
  /** In percent. */
  discount: number;
  /** Ordered by id. */
  taxes: SandboxTax[];
}

/** How a document is rounded: the smallest amount of its currency, and the company's setting. */
export interface Rounded {
  unit: number;
  perLine: boolean;
}

export interface Totals {
  untaxed: number;
  tax: number;
  total: number;
}

interface Raw {
  excluded: number;
  taxes: { tax: SandboxTax; amount: number }[];
}

/** For one line, the amounts that Odoo shows in it; for all lines, the totals of the document. */
export function totalsOf(lines: BaseLine[], how: Rounded): Totals {
  const raws = lines.map((line) => rawOf(line, how));
  const round = (amount: number) => floatRound(amount, how.unit);
  const byTax = new Map<number, number>();
  for (const { tax, amount } of raws.flatMap(({ taxes }) => taxes))
    byTax.set(tax.id, (byTax.get(tax.id) ?? 0) + amount);
  const taxes = [...byTax.values()].map(round);
  const tax = sum(taxes);
  const excluded = sum(raws.map((raw) => raw.excluded));
  // If all taxes are in the prices, the sum including tax is rounded.
  const inPrices = raws.every((raw) => raw.taxes.every((one) => one.tax.included));
  const rawTax = sum([...byTax.values()]);
  const untaxed = inPrices ? round(excluded + rawTax) - tax : round(excluded);
  return { untaxed: round(untaxed), tax: round(tax), total: round(untaxed + tax) };
}

function rawOf({ quantity, price, discount, taxes }: BaseLine, { unit, perLine }: Rounded): Raw {
  const round = (amount: number) => (perLine ? floatRound(amount, unit) : amount);
  const base = round(quantity * (price * (1 - discount / 100)));
  const amounts = new Map<SandboxTax, number>();
  let left = base;
  // Adjacent taxes in the price are subtracted together, the last ones first.
  for (const batch of batches(taxes).toReversed()) {
    if (!batch[0]!.included) continue;
    const factor = 1 / (1 + sum(batch.map(({ percent }) => percent)) / 100);
    for (const tax of batch) amounts.set(tax, round((left * factor * tax.percent) / 100));
    for (const tax of batch) left -= amounts.get(tax)!;
  }
  for (const tax of taxes) if (!tax.included) amounts.set(tax, round((left * tax.percent) / 100));
  return { excluded: left, taxes: taxes.map((tax) => ({ tax, amount: amounts.get(tax)! })) };
}

function batches(taxes: SandboxTax[]): SandboxTax[][] {
  const all: SandboxTax[][] = [];
  for (const tax of taxes) {
    if (all.at(-1)?.[0]!.included === tax.included) all.at(-1)!.push(tax);
    else all.push([tax]);
  }
  return all;
}

/** Odoo's float_round: rounds half away from zero, and adds a little for what earlier operations lost. */
export function floatRound(value: number, unit: number): number {
  if (value === 0) return 0;
  const small = unit < 1;
  const factor = small ? invert(unit) : unit;
  const normal = small ? value * factor : value / factor;
  const epsilon = 2 ** (Math.log2(Math.abs(normal)) - 50);
  const whole = Math.sign(normal) * halfEven(Math.abs(normal) + epsilon);
  return small ? whole / factor : whole * factor;
}

/** 0.001 gives exactly 1000. */
function invert(unit: number): number {
  const inverted = 1 / unit;
  return Math.abs(inverted - Math.round(inverted)) < 1e-6 ? Math.round(inverted) : inverted;
}

/** Rounds half to even, as Python does. */
function halfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function sum(amounts: number[]): number {
  return amounts.reduce((all, amount) => all + amount, 0);
}
