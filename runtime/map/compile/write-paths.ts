/** Writes paths: runs of names are functions of their own, other steps are functions over the items. */
import {
  hold,
  literal,
  NotCompiled,
  writeFunction,
  type Operand,
  type WriteContext,
  type Program,
} from './code.ts';
import type { Node } from './tree.ts';
import { writeGroup, writePairs } from './write-objects.ts';

export function writePath(node: Node, place: WriteContext): Operand {
  const steps = node.steps!;
  const [head] = steps;
  const isList = node.keepSingletonArray || node.group || head!.consarray;
  if (isList || (head!.type === 'variable' && steps.length === 1)) return writeListPath(node, place);
  let value: string | undefined;
  let at = 0;
  while (at < steps.length) {
    const step = steps[at]!;
    const run = steps.slice(at).findIndex((one) => !isName(one));
    const count = run === -1 ? steps.length - at : run;
    const isLast = at + Math.max(1, count) === steps.length;
    if (count > 0) {
      const names = steps.slice(at, at + count).map((one) => String(one.value));
      value = hold(place, `${namesPath(place.program, names, isLast)}(${value ?? place.context})`);
    } else if (at === 0 && step.type === 'variable')
      value = hold(place, `items(${place.write(step, place).js})`);
    else {
      const how = at === 0 ? (isLast ? 'only' : 'first') : isLast ? 'last' : 'inner';
      value = hold(place, `${how}(${value ?? place.context}, ${writeStep(step, place)})`);
    }
    at += Math.max(1, count);
  }
  return { js: value! };
}

function isName({ type, stages, predicate, group, keepArray, focus, index, tuple }: Node): boolean {
  return type === 'name' && !(stages || predicate || group || keepArray || focus || index || tuple);
}

/** The whole list that a path finds matters: it stays one, or is grouped. */
function writeListPath(node: Node, place: WriteContext): Operand {
  const [head] = node.steps!;
  const works = node.steps!.map((step, at) => writeStep(step, place, at === 0 && place.isRoot));
  const how = `{ absolute: ${head!.type === 'variable'}, whole: ${head!.consarray === true} }`;
  const found = hold(place, `steps(${place.context}, [${works.join(', ')}], ${how})`);
  const list = node.keepSingletonArray ? hold(place, `keptPath(${found})`) : found;
  return node.group ? writeGroup(list, writePairs(node.group.lhs, place), place) : { js: list };
}

function writeStep(step: Node, place: WriteContext, isRoot = false): string {
  return writeFunction(
    place,
    (inside) => {
      let value = inside.write(step, inside);
      for (const stage of step.stages ?? []) {
        if (stage.type !== 'filter') throw new NotCompiled('the variable #$ of a path');
        value = filtered(value, stage.expr!, inside);
      }
      return value;
    },
    isRoot,
  );
}

export function filtered(value: Operand, predicate: Node, place: WriteContext): Operand {
  if (predicate.type === 'number') return { js: hold(place, `at(${value.js}, ${literal(predicate.value)})`) };
  const keeps = writeFunction(place, (inside) => inside.write(predicate, inside));
  return { js: hold(place, `filter(${value.js}, ${keeps})`) };
}

/** `a.b.c` from an object on; lists on the way take the long way. */
function namesPath(program: Program, names: readonly string[], isLast: boolean): string {
  const key = JSON.stringify([names, isLast]);
  const known = program.paths.get(key);
  if (known) return known;
  const path = program.name('n');
  program.paths.set(key, path);
  const many = isLast ? 'names' : 'innerNames';
  const all = program.constant(names);
  const lines = names.map((name, at) => {
    const own = `hasOwn.call(v${at}, ${literal(name)}) ? v${at}[${literal(name)}] : inherited(v${at}, ${literal(name)})`;
    return `if (typeof v${at} !== "object" || v${at} === null) return undefined;
if (isList(v${at})) return ${many}(v${at}, ${all}, ${at});
const v${at + 1} = ${own};`;
  });
  const found = `v${names.length}`;
  const list = isLast ? `ending(unwrapped(${found}))` : `foundIn(${found})`;
  program.head.add(`const ${path} = (v0) => {
${lines.join('\n')}
return isList(${found}) ? ${list} : ${found};
};`);
  return path;
}
