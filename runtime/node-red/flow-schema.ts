/** The JSON Schema that completes flow files in a code editor: the format, and the settings of every node of the palette. */
import { conditionText, type When } from '../schema/applies.ts';
import type { NodeDefinition } from './define-node.ts';

type Json = Record<string, unknown>;

/**
 * `format` is what the hub demands of every file. The made schema says more and demands no more of a setting than its
 * kind: any setting may be `${NAME}`.
 */
export function flowSchema(format: Json, definitions: readonly NodeDefinition[]): Json {
  const types = definitions.map(({ type }) => type);
  const properties = format.properties as Json;
  const nodes = properties.nodes as { additionalProperties: Json };
  const knownTypes = {
    description: 'A node of the palette, or one of Node-RED.',
    anyOf: [{ enum: types }, { type: 'string' }],
  };
  const node = {
    ...nodes.additionalProperties,
    properties: { type: knownTypes },
    allOf: types.map((type) => ({
      if: { properties: { type: { const: type } }, required: ['type'] },
      // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
      then: { $ref: `#/$defs/${type}` },
    })),
  };
  const made = definitions.map((definition) => [definition.type, nodeSchema(definition)]);
  return {
    ...format,
    $id: 'https://crossdock.dev/schemas/flow-file.editor.json',
    $comment: 'Made by `crossdock docs`; do not edit.',
    properties: { ...properties, nodes: { ...nodes, additionalProperties: node } },
    $defs: { ...(format.$defs as Json), ...Object.fromEntries(made) },
  };
}

function nodeSchema({ type, kind, summary, config, outputs }: NodeDefinition): Json {
  const settings = JSON.parse(JSON.stringify(config.properties)) as Record<string, Json>;
  const output = ({ name, description }: { name: string; description: string }) => [
    name,
    { description, $ref: '#/$defs/names' },
  ];
  const to = { properties: Object.fromEntries(outputs.map(output)), additionalProperties: false };
  return {
    title: type,
    description: summary,
    kind: kind ?? 'flow',
    type: 'object',
    properties: {
      ...Object.fromEntries(Object.entries(settings).map(([name, setting]) => [name, loose(setting)])),
      ...(outputs.length > 0 ? { to } : {}),
    },
  };
}

/** Text is allowed everywhere: forms keep numbers as text, and the environment may hold the value. */
function loose({ unit, placeholder, format, type, when, ...given }: Json): Json {
  const { refers: _refers, of: _of, group: _group, lines: _lines, mayLack: _mayLack, ...setting } = given;
  const words = [
    setting.description,
    when && `${sentence(conditionText(when as When))}.`,
    unit && `In ${unit as string}.`,
    setting.configNode && `Write \`!node\` and the name of a node of type ${setting.configNode as string}.`,
    placeholder && `Example: ${placeholder as string}`,
  ];
  const { minLength: _minLength, anyOf, enum: values, ...rest } = setting;
  const options = [...((anyOf as Json[] | undefined) ?? []), ...(values ? [{ enum: values }] : [])];
  return {
    ...rest,
    description: words.filter(Boolean).join(' '),
    ...(format === undefined ? {} : { language: format }),
    ...(options.length > 0 ? { anyOf: [...options, { type: 'string', pattern: '^\\$\\{[^}]+\\}$' }] } : {}),
    ...(type === undefined ? {} : { type: type === 'string' ? type : [type, 'string'] }),
  };
}

function sentence(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
