/** The editor form of a node, made from its definition: fields, defaults and markup. */
import { CodedError } from '../errors/coded-error.ts';
import { escaped } from '../markup/escaped.ts';
import type { When } from '../schema/applies.ts';
import type { Refers } from '../workspace/choices.ts';
import type { NodeDefinition } from './define-node.ts';

export type FieldKind = 'text' | 'number' | 'select' | 'checkbox' | 'code' | 'node' | 'list';

/** One property of a node's config as the form shows it. The browser gets the same objects as JSON. */
export interface Field {
  name: string;
  kind: FieldKind;
  title: string;
  description: string;
  icon: string;
  required: boolean;
  /** What a new node has. Empty text stands for "not set". */
  default: unknown;
  /** The value is a reference `${NAME}`, never the secret itself. */
  secret?: boolean;
  /** Of a code editor. `parse`: the config holds the parsed JSON, not its text. */
  language?: 'jsonata' | 'json' | 'yaml' | 'text';
  parse?: boolean;
  /** Type of the config node it refers to. */
  configNode?: string;
  options?: { value: string | number; title: string }[];
  unit?: string;
  placeholder?: string;
  integer?: boolean;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  format?: string;
  /** What an entry of a list is. */
  items?: Field;
  /** What it names: the form offers what there is of it. */
  refers?: Refers;
  /** The setting that says of which: the model of a field. */
  of?: string;
  /** Shown, checked and kept only then. */
  when?: When;
  /** The part of the form it stands in. */
  group?: string;
  /** Height of a code field. */
  lines?: number;
}

/** The parts of a JSON Schema and the options of define-node.ts that a form is made from. */
interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  const?: string | number | boolean;
  enum?: (string | number)[];
  anyOf?: Schema[];
  items?: Schema;
  format?: string;
  configNode?: string;
  secret?: boolean;
  icon?: string;
  unit?: string;
  placeholder?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
  pattern?: string;
  refers?: Refers;
  of?: string;
  when?: When;
  group?: string;
  lines?: number;
}

/** Of what all forms say. */
const formTexts = '@crossdock/palette/crossdock-form:';
/** Names Node-RED itself uses on every node. */
const reserved = new Set(
  'id type z x y wires inputs outputs d g l info env users valid changed dirty credentials'.split(' '),
);
const languages = new Set(['jsonata', 'json', 'yaml', 'text']);
const icons: Record<FieldKind, string> = {
  text: 'fa-i-cursor',
  number: 'fa-hashtag',
  select: 'fa-list-ul',
  checkbox: 'fa-toggle-on',
  code: 'fa-code',
  node: 'fa-plug',
  list: 'fa-list',
};
const copied = [
  'unit',
  'placeholder',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'pattern',
  'format',
  'configNode',
  'secret',
  'refers',
  'of',
  'when',
  'group',
  'lines',
] as const;

/** Fields in the order of the schema. Throws CONFIG_INVALID for a property without title or description. */
export function fieldsOf(definition: NodeDefinition): Field[] {
  const schema = definition.config as { properties: Record<string, Schema>; required?: string[] };
  return Object.entries(schema.properties)
    .filter(([name]) => name !== 'name')
    .map(([name, property]) => {
      const wrong = reserved.has(name) ? 'has a name that Node-RED uses itself' : missing(property);
      if (wrong) throw new CodedError('CONFIG_INVALID', `${definition.type}: property ${name} ${wrong}`);
      return field(name, property, schema.required?.includes(name) ?? false);
    });
}

/** What a new node has: every property of the schema, and a name. */
export function defaultsOf(definition: NodeDefinition): Record<string, unknown> {
  return Object.fromEntries([['name', ''], ...fieldsOf(definition).map((one) => [one.name, one.default])]);
}

/** What a person reads in the palette when the node has no name: `odoo order`. */
export function paletteLabel(definition: NodeDefinition): string {
  return definition.type.replace(/^crossdock-/, '').replaceAll('-', ' ');
}

/** The form's markup. `custom` is a hand-made form; `<div data-field="x"></div>` in it becomes the made field x. */
export function formHtml(definition: NodeDefinition, custom?: string): string {
  const prefix = definition.kind === 'config' ? 'node-config-input' : 'node-input';
  const fields = fieldsOf(definition);
  const rows = custom
    ? custom.replace(/<div data-field="([^"]+)">\s*<\/div>/g, (_all, name: string) => {
        const one = fields.find((each) => each.name === name);
        if (one) return fieldRow(one, prefix);
        throw new CodedError(
          'CONFIG_INVALID',
          `${definition.type}: editor.html names an unknown field ${name}`,
        );
      })
    : grouped(fields, prefix);
  return `<div class="crossdock-form">
${row('name', prefix, 'fa-tag', 'Name', `<input type="text" id="${prefix}-name" data-i18n="[placeholder]label" placeholder="${escaped(paletteLabel(definition))}">`)}
${rows}
</div>`;
}

/** Those of no group first, then each group in the order in which it begins. */
function grouped(fields: readonly Field[], prefix: string): string {
  const rows = (part: readonly Field[]): string => part.map((one) => fieldRow(one, prefix)).join('\n');
  const parts = Map.groupBy(fields, ({ group = '' }) => group);
  const alone = parts.get('') ?? [];
  parts.delete('');
  const sets = [...parts].map(
    ([group, part]) => `<fieldset class="crossdock-group">
<legend data-i18n="groups.${optionKey(group)}">${escaped(group)}</legend>
${rows(part)}
</fieldset>`,
  );
  return [rows(alone), ...sets].join('\n');
}

/** Option values may hold dots and colons, which are separators in a key. */
export function optionKey(value: string | number): string {
  return String(value).replaceAll(/[^\w-]/g, '_');
}

function missing(schema: Schema): string | undefined {
  if (!schema.title) return 'has no title';
  return schema.description ? undefined : 'has no description';
}

function field(name: string, schema: Schema, required: boolean): Field {
  const kind = kindOf(schema);
  const result: Field = {
    name,
    kind,
    title: schema.title ?? name,
    description: schema.description ?? '',
    icon: schema.icon ?? (schema.secret || schema.items?.secret ? 'fa-key' : icons[kind]),
    required: required && (schema.default === undefined || (kind === 'select' && schema.default !== '')),
    default: schema.default,
  };
  for (const key of copied) if (schema[key] !== undefined) Object.assign(result, { [key]: schema[key] });
  if (schema.type === 'integer') result.integer = true;
  if (kind === 'select') result.options = options(schema).filter(({ value }) => value !== '');
  if (kind === 'list') result.items = field(name, schema.items ?? {}, true);
  if (kind === 'code') {
    result.language = (languages.has(schema.format ?? '') ? schema.format : 'json') as Field['language'];
    result.parse = schema.type !== 'string';
  }
  if (result.secret) {
    result.placeholder ??= '${NAME}';
    result.refers ??= 'variable';
  }
  result.default ??= emptyOf(result);
  return result;
}

function emptyOf(one: Field): unknown {
  if (one.kind === 'checkbox') return false;
  if (one.kind === 'list') return [];
  return one.kind === 'select' && one.required ? (one.options?.[0]?.value ?? '') : '';
}

function kindOf(schema: Schema): FieldKind {
  if (schema.configNode) return 'node';
  if (schema.enum || schema.const !== undefined || schema.anyOf?.every((one) => one.const !== undefined)) {
    return 'select';
  }
  if (schema.type === 'boolean') return 'checkbox';
  if (schema.type === 'number' || schema.type === 'integer') return 'number';
  if (schema.type === 'string') return languages.has(schema.format ?? '') ? 'code' : 'text';
  const list = schema.type === 'array' && ['text', 'select'].includes(kindOf(schema.items ?? {}));
  return list ? 'list' : 'code';
}

function options(schema: Schema): NonNullable<Field['options']> {
  const literals =
    schema.anyOf ?? (schema.enum ?? [schema.const]).map((value) => ({ const: value }) as Schema);
  return literals.map((one) => {
    const value = one.const as string | number;
    return { value, title: one.title ?? String(value) };
  });
}

/** Text, select and checkbox have the ids Node-RED fills and reads itself; the others are filled by editor/form.js. */
function fieldRow(one: Field, prefix: string): string {
  const native = `${prefix}-${one.name}`;
  const own = `crossdock-${native}`;
  const said = exampleText(one) ? ` data-i18n="[placeholder]config.${one.name}.placeholder"` : '';
  const placeholder = one.placeholder ? ` placeholder="${escaped(one.placeholder)}"${said}` : '';
  const unit = one.unit
    ? `<span class="crossdock-unit" data-i18n="config.${one.name}.unit">${escaped(one.unit)}</span>`
    : '';
  const control = {
    text: () =>
      `<input type="text" id="${native}"${placeholder}${one.secret ? ' class="crossdock-secret"' : ''} spellcheck="false">${unit}`,
    number: () =>
      `<input type="number" id="${own}"${placeholder}${attribute('min', one.minimum)}${attribute('max', one.maximum)} step="${one.integer ? 1 : 'any'}">${unit}`,
    select: () => `<select id="${native}">${optionTags(one)}</select>${unit}`,
    checkbox: () => `<input type="checkbox" id="${native}">`,
    node: () => `<input type="text" id="${native}">`,
    list: () => `<ol id="${own}" class="crossdock-list"></ol>`,
    code: () =>
      `<div class="crossdock-code" role="group" aria-labelledby="${own}-label"><div id="${own}" class="node-text-editor" style="height: ${linesOf(one) * 19 + 11}px"></div><button type="button" id="${own}-expand" class="red-ui-button red-ui-button-small crossdock-expand" data-i18n="[title]${formTexts}expand;[aria-label]${formTexts}expand"><i class="fa fa-expand"></i></button></div>`,
  }[one.kind]();
  const id = ['number', 'list', 'code'].includes(one.kind) ? own : native;
  return row(one.name, prefix, one.icon, one.title, control, one, id);
}

/** An example is a value, the same in every language, unless it is a sentence. */
export function exampleText({ placeholder }: Field): string | undefined {
  return placeholder?.endsWith('.') ? placeholder : undefined;
}

/** JSONata of a setting is one line most of the time; what is longer grows. */
function linesOf({ lines, language }: Field): number {
  return lines ?? (language === 'jsonata' ? 1 : 5);
}

function attribute(name: string, value: number | undefined): string {
  return value === undefined ? '' : ` ${name}="${value}"`;
}

function optionTags(one: Field): string {
  const none = one.required ? '' : '<option value="">–</option>';
  const tags = (one.options ?? []).map(({ value, title }) => {
    const key = `config.${one.name}.options.${optionKey(value)}`;
    return `<option value="${escaped(String(value))}" data-i18n="${key}">${escaped(title)}</option>`;
  });
  return none + tags.join('');
}

function row(
  name: string,
  prefix: string,
  icon: string,
  title: string,
  control: string,
  one?: Field,
  id = `${prefix}-${name}`,
): string {
  const help = one
    ? `\n    <div class="crossdock-help" data-i18n="config.${name}.description">${escaped(one.description)}</div>
    <div class="crossdock-problem" id="crossdock-problem-${prefix}-${name}"></div>`
    : '';
  const star = one?.required && one.kind !== 'checkbox' ? '<span class="crossdock-required">*</span>' : '';
  const example =
    one?.placeholder && !one.secret
      ? `\n    <div class="crossdock-help crossdock-example"><span data-i18n="${formTexts}example">Example:</span> <code${exampleText(one) ? ` data-i18n="config.${name}.placeholder"` : ''}>${escaped(one.placeholder)}</code></div>`
      : '';
  return `  <div class="form-row crossdock-row crossdock-row-${one?.kind ?? 'text'}" data-crossdock-field="${name}">
    <label for="${id}" id="${id}-label"><i class="fa ${icon} fa-fw"></i> <span data-i18n="${one ? `config.${name}.title` : `${formTexts}name`}">${escaped(title)}</span>${star}</label>
    <div class="crossdock-control">${control}</div>${help}${example}
  </div>`;
}
