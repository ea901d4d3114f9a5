/** Writes functions and their calls. */
import { hold, Lines, within, type Operand, type WriteContext } from './code.ts';
import { direct } from './calls.ts';
import { inside } from '../package.ts';
import type { Node } from './tree.ts';
import { writeCondition } from './write-operators.ts';
import { inBlock, openScope, readFunction } from './write-variables.ts';

/** A call, with what `~>` gives it first. */
export function writeCall(node: Node, place: WriteContext, given?: Operand): Operand {
  const target = writeTarget(node.procedure!, place);
  const operands = node.arguments!.map((part) => place.write(part, place));
  const args = operands.map(({ js, isData }) => (isData ? js : `argument(${js})`));
  if (operands.some(({ isData }) => !isData) || target.is !== 'outside') setDepth(place);
  return { js: hold(place, callOf(target, given ? [given.js, ...args] : args, node, place)) };
}

type Target = ReturnType<typeof readFunction>;

function writeTarget(procedure: Node, place: WriteContext): Target {
  if (procedure.type !== 'variable' || procedure.predicate || procedure.group)
    return { js: place.write(procedure, place).js, is: 'any' };
  within(place);
  return readFunction(String(procedure.value), place);
}

function callOf({ js, is }: Target, args: string[], node: Node, place: WriteContext): string {
  if (is === 'written') return `${js}.call(${[place.context, ...args].join(', ')})`;
  const general = `call(${js}, ${place.context}, [${args.join(', ')}])`;
  if (is === 'any') return general;
  const name = String(node.procedure!.value);
  const own = Object.hasOwn(direct, name) ? direct[name] : undefined;
  if (own && own.length === args.length) {
    const definition = place.program.constant(inside.staticFrame.lookup(name));
    return `${js} === ${definition} ? direct.${name}(${args.join(', ')}) : ${general}`;
  }
  return `typeof ${js} === "function" ? ${js}.call(${[place.context, ...args].join(', ')}) : ${general}`;
}

function setDepth({ out, depth, function: { depth: start } }: WriteContext): void {
  out.add(`run.depth = ${start} + ${depth};`);
}

export function writeApply(node: Node, place: WriteContext): Operand {
  const value = place.write(node.lhs as Node, place);
  const rhs = node.rhs!;
  if (rhs.type === 'function') return writeCall(rhs, place, value);
  const target = place.write(rhs, place);
  // Functions after one another are functions of their own.
  place.function.deepest += 10;
  setDepth(place);
  return { js: hold(place, `applied(${value.js}, ${target.js})`) };
}

export function writeLambda(node: Node, place: WriteContext): Operand {
  const parameters = node.arguments!.map(({ value }) => ({
    name: String(value),
    js: place.program.name('p'),
  }));
  const out = new Lines();
  const inner = { depth: place.program.name('d'), deepest: 0, hasTail: false };
  const scope = openScope(
    { ...place, out, depth: 0, function: inner },
    node.body,
    new Map(parameters.map(({ name, js }) => [name, js])),
  );
  const result = writeLast(node.body!, scope);
  const written = `(${parameters.map(({ js }) => js).join(', ')}) => {
const ${inner.depth} = enter(${inner.deepest});
${out}
run.depth = ${inner.depth};
return ${result.js};
}`;
  const whole = inner.hasTail ? `tailing(${written})` : written;
  const signed = node.signature ? `signed(${place.program.constant(node.signature)}, ${whole})` : whole;
  return { js: hold(place, signed), isSettled: true };
}

/** What a function gives: a call at its end is made by whoever called it. */
function writeLast(node: Node, above: WriteContext): Operand {
  const isPlain = !node.predicate && !node.group && !node.keepArray;
  if (node.type === 'lambda' && node.thunk) return writeLastCall(node.body!, above);
  if (node.type === 'condition' && isPlain) return writeCondition(node, within(above), writeLast);
  if (node.type === 'block' && isPlain) return inBlock(node, within(above), writeLast);
  return above.write(node, above);
}

function writeLastCall(node: Node, above: WriteContext): Operand {
  const place = within(above);
  const target = writeTarget(node.procedure!, place);
  const operands = node.arguments!.map((part) => place.write(part, place));
  const args = operands.map(({ js, isData }) => (isData ? js : `tailArgument(${js})`));
  if (target.is === 'outside' && !takesContext(String(node.procedure!.value), args.length)) {
    if (operands.some(({ isData }) => !isData)) setDepth(place);
    return { js: hold(place, callOf(target, args, node, place)) };
  }
  // Its context is that of whoever called.
  place.function.hasTail = true;
  return { js: hold(place, `new Tail(${target.js}, [${args.join(', ')}])`) };
}

/** Whether a function takes what stands around the call for an argument that is left out. */
function takesContext(name: string, count: number): boolean {
  const definition = inside.staticFrame.lookup(name)?.signature?.definition;
  if (definition === undefined) return count === 0;
  const parameters = definition
    .slice(1)
    .replaceAll(/\([^)]*\)/g, 'x')
    .replaceAll(/<[^<>]*>/g, '')
    .replace(/:.*$/, '');
  return parameters.includes('-') && count < parameters.replaceAll(/.\?|-/g, '').length;
}
