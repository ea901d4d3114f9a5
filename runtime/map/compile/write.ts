/** Writes what a node of the syntax tree gives as JavaScript. */
import { hold, literal, NotCompiled, within, type Operand, type WriteContext } from './code.ts';
import { writeApply, writeCall, writeLambda } from './write-calls.ts';
import { writeArray, writeGroup, writeObject, writePairs } from './write-objects.ts';
import { writeBinary, writeCondition, writeNegative } from './write-operators.ts';
import { filtered, writePath } from './write-paths.ts';
import { inBlock, readVariable, writeBind } from './write-variables.ts';
import type { Node } from './tree.ts';

/** The value of a node, as the interpreter's `evaluate` gives it. */
export function write(node: Node, above: WriteContext): Operand {
  const place = within(above);
  let value = writeKind(node, place);
  for (const { expr } of node.predicate ?? []) value = filtered(value, expr, place);
  if (node.group && node.type !== 'path')
    value = writeGroup(value.js, writePairs(node.group.lhs, place), place);
  return settled(value, node, place);
}

function settled(value: Operand, node: Node, place: WriteContext): Operand {
  if (value.isSettled) return value;
  const how = node.keepArray ? 'kept' : 'unwrapped';
  return { js: hold(place, `${how}(${value.js})`), isSettled: false, isData: value.isData ?? false };
}

function writeKind(node: Node, place: WriteContext): Operand {
  const reason = odd(node);
  if (reason) throw new NotCompiled(reason);
  switch (node.type) {
    case 'string':
    case 'number':
    case 'value':
      return {
        js: literal(node.value),
        isSettled: true,
        isData: true,
        isBoolean: typeof node.value === 'boolean',
      };
    case 'path':
      return writePath(node, place);
    case 'name':
      return { js: hold(place, `lookup(${place.context}, ${literal(node.value)})`) };
    case 'variable':
      return readVariable(String(node.value), place);
    case 'binary':
      return writeBinary(node, place);
    case 'unary':
      if (node.value === '-') return writeNegative(node, place);
      return node.value === '[' ? writeArray(node, place) : writeObject(node, place);
    case 'condition':
      return writeCondition(node, place, write);
    case 'block':
      return inBlock(node, place, write);
    case 'bind':
      return writeBind(node, place);
    case 'regex':
      return { js: hold(place, `regex(${place.program.constant(node)})`), isSettled: true };
    case 'function':
      return writeCall(node, place);
    case 'apply':
      return writeApply(node, place);
    case 'lambda':
      return writeLambda(node, place);
    default:
      throw new NotCompiled(`what JSONata calls ${node.type}`);
  }
}

const kinds: Record<string, string> = {
  sort: 'the sort ^(…)',
  parent: 'the parent %',
  wildcard: 'the wildcard *',
  descendant: 'the wildcard **',
  transform: 'the transform |…|…|',
  partial: 'a function with a ? for an argument',
};

function odd({ type, focus, index, tuple, thunk }: Node): string | undefined {
  if (focus) return 'the variable @$ of a path';
  if (index) return 'the variable #$ of a path';
  if (tuple) return kinds['parent'];
  if (thunk) return 'a filter on a block or condition that ends with a call';
  return kinds[type];
}
