/** The reference of the palette and of the error codes as markdown, made from the definitions and the table. */
import { codes } from '../errors/codes.ts';
import { conditionText } from '../schema/applies.ts';
import type { NodeDefinition } from './define-node.ts';
import { fieldsOf, optionKey, paletteLabel, type Field } from './form.ts';
import { helpWords, type HelpWords } from './help-words.ts';
import { textsOf, type NodeTexts } from './texts.ts';

const made = '<!-- Made by `crossdock docs`; do not edit. -->';

/** The help a person reads beside the editor. */
export function nodeHelp(
  definition: NodeDefinition,
  texts = textsOf(definition),
  words = helpWords('en-US'),
): string {
  const parts = [texts.summary, definition.help.trim()];
  if (definition.outputs.length > 0) {
    const lines = definition.outputs.map(({ name }) => {
      const { title, description } = texts.outputs[optionKey(name)]!;
      return `- **${title}**${title === name ? '' : ` (\`${name}\`)`}: ${description}`;
    });
    parts.push(`### ${words.outputs}\n\n${lines.join('\n')}`);
  }
  const fields = fieldsOf(definition);
  if (fields.length > 0) parts.push(`### ${words.settings}\n\n${settingsTable(fields, texts, words)}`);
  return parts.join('\n\n');
}

/** docs/nodes.md: every node, flow nodes first. */
export function nodeDocs(definitions: readonly NodeDefinition[]): string {
  const ordered = definitions.toSorted((a, b) => rank(a) - rank(b) || a.type.localeCompare(b.type));
  const sections = ordered.map((definition) => {
    const kind = definition.kind === 'config' ? ' (config node)' : '';
    const help = nodeHelp(definition).replaceAll('\n### ', '\n#### ');
    return `## ${paletteLabel(definition)}${kind}\n\nType \`${definition.type}\`.\n\n${help}\n`;
  });
  return `${made}\n\n# Nodes\n\n${sections.join('\n')}`;
}

/** docs/errors.md: the table of error codes. */
export function errorDocs(): string {
  const rows = Object.entries(codes).map(
    ([code, { status, retryable, owner, meaning, action }]) =>
      `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${owner} | ${cell(meaning)} | ${cell(action)} |`,
  );
  return `${made}

# Error codes

"Retryable" says whether the same message can succeed later without anyone changing it.

| code | HTTP | retryable | who acts | meaning | what to do |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function rank(definition: NodeDefinition): number {
  return definition.kind === 'config' ? 1 : 0;
}

function settingsTable(fields: readonly Field[], texts: NodeTexts, words: HelpWords): string {
  const rows = fields.map((field) => {
    const { title, description } = texts.config[field.name]!;
    const kind = kindText(inWords(field, texts), words);
    return `| ${cell(title)} (\`${field.name}\`) | ${cell(kind)} | ${cell(defaultText(field, words))} | ${cell(description)} |`;
  });
  const { setting, kind, default: initial, does } = words;
  return `| ${setting} | ${kind} | ${initial} | ${does} |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

/** With the unit and the options of these texts. */
function inWords(field: Field, texts: NodeTexts): Field {
  const { unit, options } = texts.config[field.name]!;
  const titled = field.options?.map(({ value, title }) => ({
    value,
    title: options?.[optionKey(value)] ?? title,
  }));
  return { ...field, ...(unit && { unit }), ...(titled && { options: titled }) };
}

function optionText({ value, title }: { value: string | number; title: string }): string {
  return title === String(value) ? `\`${value}\`` : `${title} (\`${value}\`)`;
}

function kindText(field: Field, words: HelpWords): string {
  const base = {
    text: () => (field.secret ? words.secret : words.text),
    number: () => numberText(field, words),
    select: () => `${words.oneOf} ${(field.options ?? []).map(optionText).join(', ')}`,
    checkbox: () => words.checkbox,
    code: () =>
      field.language === 'jsonata'
        ? 'JSONata'
        : field.language === 'text'
          ? words.text
          : String(field.language),
    node: () => `${words.node} \`${field.configNode}\``,
    list: () => `${words.listOf} ${field.items ? kindText(field.items, words) : words.text}`,
  }[field.kind]();
  const asked = field.required && field.kind !== 'checkbox' && field.kind !== 'list' ? words.required : '';
  return [base, asked, conditionText(field.when, words.condition)].filter(Boolean).join(', ');
}

function numberText({ integer, minimum, maximum, unit }: Field, words: HelpWords): string {
  const range = [
    minimum === undefined ? '' : `${words.from} ${minimum}`,
    maximum === undefined ? '' : `${words.to} ${maximum}`,
  ];
  const kind = integer ? words.integer : words.number;
  return [kind, ...range, unit ? `${words.in} ${unit}` : ''].filter(Boolean).join(' ');
}

function defaultText(field: Field, { condition, seeForm }: HelpWords): string {
  const value = field.default;
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value === 'boolean') return value ? condition.yes : condition.no;
  if (field.kind === 'code') return seeForm;
  return `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
