/** The reference of the palette and of the error codes as markdown, made from the definitions and the table. */
import { codes } from '../errors/codes.ts';
import type { NodeDefinition } from './define-node.ts';
import { fieldsOf, paletteLabel, type Field } from './form.ts';

const made = '<!-- Made by `crossdock docs`; do not edit. -->';

/** The help a person reads beside the editor. */
export function nodeHelp(definition: NodeDefinition): string {
  const parts = [definition.summary, definition.help.trim()];
  if (definition.outputs.length > 0) {
    const lines = definition.outputs.map(({ name, description }) => `- **${name}**: ${description}`);
    parts.push(`### Outputs\n\n${lines.join('\n')}`);
  }
  const fields = fieldsOf(definition);
  if (fields.length > 0) parts.push(`### Settings\n\n${settingsTable(fields)}`);
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

function settingsTable(fields: readonly Field[]): string {
  const rows = fields.map(
    (field) =>
      `| ${cell(field.title)} (\`${field.name}\`) | ${cell(kindText(field))} | ${cell(defaultText(field))} | ${cell(field.description)} |`,
  );
  return `| setting | kind | default | what it does |\n| --- | --- | --- | --- |\n${rows.join('\n')}`;
}

function kindText(field: Field): string {
  const base = {
    text: () => (field.secret ? 'reference `${NAME}` to a secret' : 'text'),
    number: () => numberText(field),
    select: () => `one of ${(field.options ?? []).map(({ value }) => `\`${value}\``).join(', ')}`,
    checkbox: () => 'yes or no',
    code: () =>
      field.language === 'jsonata' ? 'JSONata' : field.language === 'text' ? 'text' : String(field.language),
    node: () => `config node \`${field.configNode}\``,
    list: () => `list of ${field.items ? kindText(field.items) : 'text'}`,
  }[field.kind]();
  return field.required && field.kind !== 'checkbox' && field.kind !== 'list' ? `${base}, required` : base;
}

function numberText({ integer, minimum, maximum, unit }: Field): string {
  const range = [
    minimum === undefined ? '' : `from ${minimum}`,
    maximum === undefined ? '' : `to ${maximum}`,
  ];
  return [integer ? 'whole number' : 'number', ...range, unit ? `in ${unit}` : ''].filter(Boolean).join(' ');
}

function defaultText(field: Field): string {
  const value = field.default;
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (field.kind === 'code') return 'see the form';
  return `\`${typeof value === 'object' ? JSON.stringify(value) : String(value)}\``;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');
}
