/** Writes the constructors of lists and objects. */
import { hold, literal, writeFunction, type Operand, type WriteContext } from './code.ts';
import type { Node } from './tree.ts';

const data = { isSettled: true, isData: true } as const;

export function writeArray(node: Node, place: WriteContext): Operand {
  const list = hold(place, '[]');
  for (const item of node.expressions!) {
    const { js } = place.write(item, place);
    place.out.add(
      item.value === '[' ? `if (${js} !== undefined) ${list}.push(${js});` : `addItem(${list}, ${js});`,
    );
  }
  return node.consarray ? { js: hold(place, `constructed(${list})`), ...data } : { js: list, ...data };
}

export function writeObject(node: Node, place: WriteContext): Operand {
  const pairs = node.lhs as [Node, Node][];
  const names = pairs.map(([name]) => name);
  const isFixed =
    names.every(({ type, predicate, group }) => type === 'string' && !predicate && !group) &&
    new Set(names.map(({ value }) => value)).size === names.length &&
    !names.some(({ value }) => /^(_jsonata_|\d)/.test(String(value)));
  if (!isFixed) return writeGroup(place.context, writePairs(pairs, place), place);
  const { context } = place;
  const inside = hold(place, `isList(${context}) ? gathered(${context}) : ${context}`);
  const object = hold(place, '{}');
  for (const [name, value] of pairs) {
    const { js } = place.write(value, { ...place, context: inside, isRoot: false });
    const key = literal(name.value);
    const set = name.value === '__proto__' ? `put(${object}, ${key}, ${js})` : `${object}[${key}] = ${js}`;
    place.out.add(`if (${js} !== undefined) ${set};`);
  }
  return { js: object, ...data };
}

export function writePairs(pairs: [Node, Node][], place: WriteContext): string {
  const written = pairs.map(
    (pair) => `[${pair.map((part) => writeFunction(place, (inner) => inner.write(part, inner))).join(', ')}]`,
  );
  return `[${written.join(', ')}]`;
}

export function writeGroup(input: string, pairs: string, place: WriteContext): Operand {
  return { js: hold(place, `grouped(${input}, ${pairs})`), ...data };
}
