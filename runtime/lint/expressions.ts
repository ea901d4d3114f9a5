/** Rule: JSONata in Node-RED's own nodes compiles and names only what exists there. */
import type { FlowNode } from '../flow-file/format.ts';
import { checkExpression } from '../map/mapping.ts';
import { isMap } from '../schema/schema.ts';
import { ofExpression } from './expression.ts';
import type { Rule } from './rule.ts';

/** What Node-RED gives beside JSONata's own: everywhere, and for a sequence of messages. */
const given = 'flowContext globalContext env moment clone eval I N A'.split(' ');

export const expressions: Rule = ({ nodes, ours }) =>
  nodes
    .filter(({ type }) => !ours(type))
    .flatMap((node) =>
      expressionsOf(node).flatMap(({ property, text }) =>
        ofExpression(node.id, property, () => checkExpression(text, given)),
      ),
    );

interface Found {
  /** Of the node, where it stands. */
  property: string;
  text: string;
}

/** JSONata in the settings of a node of Node-RED itself. */
export function expressionsOf(node: FlowNode): Found[] {
  const found = Object.entries(node).flatMap(([property, value]) =>
    [value, ...nested(value)]
      .filter(isMap)
      .flatMap((part) => jsonataIn(part).map((text) => ({ property, text }))),
  );
  const names = [
    ...typed(node),
    ...(node.type === 'join' && node.mode === 'reduce' ? ['reduceExp', 'reduceFixup'] : []),
    ...(node.targetType === 'jsonata' ? ['complete'] : []),
    ...(node.statusType === 'jsonata' ? ['statusVal'] : []),
  ];
  const own = names.map((property) => ({ property, text: node[property] }));
  return [...found, ...own].filter((one): one is Found => typeof one.text === 'string' && one.text !== '');
}

function jsonataIn(part: Record<string, unknown>): unknown[] {
  const named = part['type'] === 'jsonata' ? ['value'] : [];
  return [...typed(part), ...named].map((name) => part[name]);
}

/** Settings whose kind stands beside them: `to` and `tot`, `property` and `propertyType`. */
function typed(part: Record<string, unknown>): string[] {
  return Object.keys(part).filter((name) =>
    [`${name}t`, `${name}Type`].some((kind) => part[kind] === 'jsonata'),
  );
}

function nested(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap((part) => [part, ...nested(part)]);
}
