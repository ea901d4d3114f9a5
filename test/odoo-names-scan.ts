/** Which names of Odoo stand in code and in flows, as far as they stand there as text. */
import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { parse as parseCode } from 'acorn';
import { parse } from 'yaml';

/** A name where it stands: of a model, or of none that can be told. */
export interface Named {
  at: string;
  model?: string;
  /** A field, or a method with its brackets. */
  name?: string;
}

const roots = 'account|decimal|delivery|ir|mail|product|purchase|res|sale|stock|uom';
const isModel = (text: string) => new RegExp(`^(?:${roots})(?:\\.[a-z_]+)+$`).test(text);
const snake = /^[a-z]+(?:_[a-z0-9]+)+$/;

/** As much of a node of the syntax tree as is looked at. */
interface Part {
  type: string;
  start: number;
  name?: string;
  value?: unknown;
  callee?: Part;
  property?: Part;
  key?: Part;
  arguments?: Part[];
  elements?: Part[];
  properties?: Part[];
  quasis?: { value: { cooked: string } }[];
}

/** Names of a source file: of models, of fields and methods beside their model, and whatever is written_so. Types are no names. */
export function namesInCode(file: string, text = readFileSync(file, 'utf8')): Named[] {
  const found: Named[] = [];
  const lines = text.split('\n').map((line) => line.length + 1);
  const at = ({ start }: Part) => {
    let left = start;
    return `${file}:${lines.findIndex((length) => (left -= length) < 0) + 1}`;
  };

  function see(node: Part): void {
    if (node.type === 'ImportDeclaration') return;
    for (const word of wordsOf(node))
      if (isModel(word)) found.push({ at: at(node), model: word });
      else
        for (const one of word.split(/[^a-z0-9_]+/))
          if (snake.test(one)) found.push({ at: at(node), name: one });
    if (node.type === 'CallExpression') called(node);
    if (node.type === 'ObjectExpression') {
      const model = textOf(valueOf(node, 'model'));
      if (model !== undefined && isModel(model)) asked(model, node);
    }
    for (const child of Object.values(node).flat()) if (isPart(child)) see(child);
  }

  function called({ callee, arguments: [first, second, third] = [] }: Part): void {
    if (callee?.property?.name !== 'call') return;
    const [model, method] = [textOf(first), textOf(second)];
    if (model === undefined) return;
    if (method !== undefined) found.push({ at: at(second!), model, name: `${method}()` });
    if (third?.type === 'ObjectExpression') asked(model, third);
  }

  function asked(model: string, args: Part): void {
    const named = (node: Part, path: string | undefined) => {
      if (path !== undefined) found.push({ at: at(node), model, name: path.split('.')[0]! });
    };
    for (const list of ['fields', 'allfields'])
      for (const one of elementsOf(valueOf(args, list))) named(one, textOf(one));
    for (const one of elementsOf(valueOf(args, 'domain'))) named(one, textOf(elementsOf(one)[0]));
    const written = [valueOf(args, 'vals'), ...elementsOf(valueOf(args, 'vals_list'))];
    for (const { key } of written.flatMap((object) => object?.properties ?? []))
      if (key) named(key, key.name);
  }

  see(
    parseCode(stripTypeScriptTypes(text), { ecmaVersion: 'latest', sourceType: 'module' }) as unknown as Part,
  );
  return found;
}

function isPart(value: unknown): value is Part {
  return typeof (value as Part | null)?.type === 'string';
}

function wordsOf({ type, name, value, quasis }: Part): string[] {
  if (type === 'Identifier') return [name!];
  if (type === 'Literal' && typeof value === 'string') return [value];
  return type === 'TemplateLiteral' ? quasis!.map((one) => one.value.cooked) : [];
}

function valueOf({ properties = [] }: Part, key: string): Part | undefined {
  return properties.find((one) => one.key?.name === key)?.value as Part | undefined;
}

function elementsOf(node: Part | undefined): Part[] {
  return (node?.elements ?? []).filter(isPart);
}

function textOf(node: Part | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

interface Step {
  type: string;
  to?: string | string[] | Record<string, string | string[]>;
  model?: string;
  method?: string;
  fields?: string[];
  domain?: string;
  rules?: { to?: string }[];
}

/** Names that a flow gives an `odoo-changes` or `odoo-call`, in its settings or in the change right before it. */
export function namesInFlow(file: string, text = readFileSync(file, 'utf8')): Named[] {
  const { nodes } = parse(text, { logLevel: 'silent' }) as { nodes: Record<string, Step> };
  const steps = Object.entries(nodes);
  return steps.flatMap(([step, { type, model, method, fields = [], domain = '' }]) => {
    if (!model || !type.startsWith('odoo-')) return [];
    const at = `${file}: ${step}`;
    const said = steps.flatMap(([, before]) =>
      before.type === 'change' && leadsTo(before, step)
        ? (before.rules ?? []).map(({ to = '' }) => String(to))
        : [],
    );
    const read = said.flatMap((one) =>
      [...one.matchAll(/"fields":\s*\[([^\]]*)\]/g)].map(([, list]) => list!),
    );
    const names = [
      ...fields,
      ...read.flatMap((list) => [...list.matchAll(/"(\w+)"/g)].map(([, name]) => name!)),
      ...[domain, ...said].flatMap(conditionsIn),
      ...(method ? [`${method}()`] : []),
    ];
    return [{ at, model }, ...names.map((name) => ({ at, model, name }))];
  });
}

/** `location_id.usage` is of two models: the field of the first, and whatever follows of any. */
function conditionsIn(text: string): string[] {
  return [...text.matchAll(/\["([a-z_.]+)",\s*"(?:=|!=|>=?|<=?|in|not in|i?like|=i?like)"/g)].map(
    ([, path]) => path!.split('.')[0]!,
  );
}

function leadsTo({ to }: Step, step: string): boolean {
  const ends = typeof to === 'object' && !Array.isArray(to) ? Object.values(to) : [to ?? []];
  return ends.flat().includes(step);
}
