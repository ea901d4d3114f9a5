/** Rule: every node has a type that exists and settings that can be used; mappings and expressions compile. */
import type { FlowNode } from '../flow-file/format.ts';
import { mappingVariables } from '../map/mapping.ts';
import { ofExpression, unusable } from './expression.ts';
import type { Remark, Rule } from './lint.ts';
import type { PaletteType, Project } from './project.ts';

/** What every node of Node-RED can have. */
const common = new Set(
  'id type z g d l x y wires name info icon env inputLabels outputLabels credentials'.split(' '),
);
const structure = new Set(['tab', 'subflow', 'group', 'junction', 'comment']);

export const settings: Rule = ({ nodes }, project) => {
  const subflows = new Set(nodes.filter(({ type }) => type === 'subflow').map(({ id }) => `subflow:${id}`));
  return nodes.flatMap((node): Remark[] => {
    const { id, type } = node;
    if (structure.has(type) || subflows.has(type)) return [];
    if (!type.startsWith('subflow:') && project.exists(type)) return ofNode(node, project);
    const message = `is a ${type}, which does not exist here: no flow would run.`;
    return [{ id, code: 'NODE_TYPE_UNKNOWN', severity: 'error', property: 'type', message }];
  });
};

function ofNode(node: FlowNode, project: Project): Remark[] {
  const known = project.paletteType(node.type);
  if (!known) return [];
  const wrong = project.wrongSettings(node.type, node);
  return [
    ...unknownProperties(node, known),
    ...(wrong ? [invalid(node, wrong.property, `${wrong.property}: ${wrong.message}.`)] : []),
    ...expressions(node, known, project),
    ...mapping(node, project),
    ...policy(node, project),
  ];
}

function unknownProperties(node: FlowNode, { config }: PaletteType): Remark[] {
  return Object.keys(node)
    .filter((property) => !common.has(property) && !Object.hasOwn(config.properties, property))
    .map((property) => ({
      id: node.id,
      code: 'PROPERTY_UNKNOWN',
      severity: 'error',
      property,
      message: `has no setting ${property}. It has: ${Object.keys(config.properties).join(', ')}.`,
    }));
}

function expressions(node: FlowNode, { config }: PaletteType, project: Project): Remark[] {
  return Object.entries(config.properties)
    .filter(([, schema]) => (schema as { format?: string }).format === 'jsonata')
    .flatMap(([property]) => {
      const inline = node[property];
      if (typeof inline !== 'string' || inline === '' || inline.startsWith('${')) return [];
      const variables = node.type === 'canonical-map' ? mappingVariables : [];
      return ofExpression(node.id, property, () => project.mapping({ inline, variables }));
    });
}

function mapping(node: FlowNode, project: Project): Remark[] {
  if (node.type !== 'canonical-map') return [];
  const { id, file, expression, schema } = node;
  if ([file, schema].some((name) => String(name ?? '').startsWith('${'))) return [];
  if (!file && !expression) return [unusable(id, 'file', 'names no mapping file and has no expression')];
  if (!file && !schema) return [];
  const source = file ? { file: `mappings/${String(file)}.jsonata` } : { inline: String(expression) };
  const remarks = ofExpression(id, file ? 'file' : 'schema', () =>
    project.mapping({
      ...source,
      variables: mappingVariables,
      ...(schema ? { schema: `schemas/${String(schema)}.json` } : {}),
    }),
  );
  // Of an expression it is said where it stands.
  return file ? remarks : remarks.filter(({ severity }) => severity === 'error');
}

function policy(node: FlowNode, { policies }: Project): Remark[] {
  const { policy: name } = node;
  if (typeof name !== 'string' || name === '' || name.startsWith('${') || policies.has(name)) return [];
  return [invalid(node, 'policy', `policy: there is no recovery policy ${name}.`)];
}

function invalid({ id }: FlowNode, property: string, message: string): Remark {
  return { id, code: 'SETTING_INVALID', severity: 'error', property, message };
}
