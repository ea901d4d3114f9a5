/** Writes operators and conditions. */
import {
  apart,
  hold,
  literal,
  NotCompiled,
  truthOf,
  type Operand,
  type WriteContext,
  type Writer,
} from './code.ts';
import type { Node } from './tree.ts';

const boolean = { isSettled: true, isData: true, isBoolean: true } as const;
const data = { isSettled: true, isData: true } as const;

export function writeBinary(node: Node, place: WriteContext): Operand {
  const sign = String(node.value);
  if (sign === 'and' || sign === 'or') return writeLogical(sign, node, place);
  const lhs = place.write(node.lhs as Node, place);
  const choices = sign === 'in' ? literals(node.rhs!) : undefined;
  if (choices) {
    const value = hold(place, lhs.js);
    return {
      js: hold(place, choices.map((one) => `${value} === ${one}`).join(' || ') || 'false'),
      ...boolean,
    };
  }
  const a = lhs.js;
  const b = place.write(node.rhs!, place).js;
  switch (sign) {
    case '=':
    case '!=':
      return { js: hold(place, equality(sign, a, b, node)), ...boolean };
    case '<':
    case '<=':
    case '>':
    case '>=':
      return { js: hold(place, `comparable(${a}, ${b}) ? ${a} ${sign} ${b} : undefined`), ...data };
    case '&':
      return { js: hold(place, `both(${a}, ${b})`), ...data };
    case 'in':
      return { js: hold(place, `includes(${a}, ${b})`), ...boolean };
    case '..':
      return { js: hold(place, `range(${a}, ${b})`), isData: true };
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
      return { js: hold(place, `calculated(${literal(sign)}, ${a}, ${b})`), ...data };
    default:
      throw new NotCompiled(`the operator ${sign}`);
  }
}

/** What is compared with a literal is it or not. */
function equality(sign: '=' | '!=', a: string, b: string, { lhs, rhs }: Node): string {
  const other = isLiteral(rhs!) ? a : isLiteral(lhs as Node) ? b : undefined;
  if (other === undefined) return `${sign === '=' ? 'equal' : 'unequal'}(${a}, ${b})`;
  return sign === '=' ? `${a} === ${b}` : `${other} !== undefined && ${a} !== ${b}`;
}

function isLiteral(node: Node): boolean {
  return ['string', 'number', 'value'].includes(node.type) && !node.predicate && !node.group;
}

function literals(node: Node): string[] | undefined {
  if (node.type !== 'unary' || node.value !== '[' || node.predicate || node.group || node.keepArray)
    return undefined;
  return node.expressions!.every(isLiteral)
    ? node.expressions!.map(({ value }) => literal(value))
    : undefined;
}

function writeLogical(sign: 'and' | 'or', node: Node, place: WriteContext): Operand {
  const result = place.program.name('t');
  place.out.add(`let ${result} = ${truthOf(place.write(node.lhs as Node, place))};`);
  const { lines, result: rhs } = apart(place, (later) => later.write(node.rhs!, later));
  place.out.add(
    `if (${sign === 'and' ? result : `!${result}`}) {\n${lines}\n${result} = ${truthOf(rhs)};\n}`,
  );
  return { js: result, ...boolean };
}

export function writeNegative(node: Node, place: WriteContext): Operand {
  return { js: hold(place, `negative(${place.write(node.expression!, place).js})`), ...data };
}

export function writeCondition(node: Node, place: WriteContext, branch: Writer): Operand {
  const condition = truthOf(place.write(node.condition!, place));
  const result = place.program.name('t');
  const written = [node.then, node.else].map((part) =>
    part === undefined ? undefined : apart(place, (apartPlace) => branch(part, apartPlace)),
  );
  const [then, otherwise] = written.map((part) => part && `${part.lines}\n${result} = ${part.result.js};`);
  place.out.add(
    `let ${result};\nif (${condition}) {\n${then}\n}${otherwise ? ` else {\n${otherwise}\n}` : ''}`,
  );
  const all = written.flatMap((part) => (part ? [part.result] : []));
  return {
    js: result,
    isSettled: all.every((one) => one.isSettled),
    isData: all.every((one) => one.isData),
    isBoolean: all.length === 2 && all.every((one) => one.isBoolean),
  };
}
