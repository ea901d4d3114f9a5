/** Rule: every node has a type that exists and settings that can be used; mappings and expressions compile. */
import type { FlowNode } from '../flow-file/format.ts';
import { mappingVariables } from '../map/mapping.ts';
import { applies, conditionText, type When } from '../schema/applies.ts';
import { ofExpression, unusable } from './expression.ts';
import type { Remark, Rule } from './rule.ts';
import type { PaletteType, Project } from './project.ts';

/** What every node of Node-RED can have. */
const common = new Set(
  'id type z g d l x y wires name info icon env inputLabels outputLabels credentials'.split(' '),
);
interface Setting {
  refers?: string;
  when?: When;
  default?: unknown;
}

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
    ...references(node, known, project),
    ...withoutEffect(node, known),
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

/** Events and mappings have rules of their own. */
function references(node: FlowNode, { config }: PaletteType, { policies, processes }: Project): Remark[] {
  const there: Record<string, [ReadonlySet<string>, string]> = {
    policy: [policies, 'recovery policy'],
    process: [processes, 'process'],
  };
  return Object.entries(config.properties as Record<string, Setting>).flatMap(([property, { refers }]) => {
    const [names, called] = there[refers ?? ''] ?? [];
    const name = node[property];
    if (!names || typeof name !== 'string' || name === '' || name.startsWith('${') || names.has(name))
      return [];
    return [invalid(node, property, `${property}: there is no ${called} ${name}.`)];
  });
}

/** What stands there and does nothing misleads who reads it. */
function withoutEffect(node: FlowNode, { config }: PaletteType): Remark[] {
  const settings = config.properties as Record<string, Setting>;
  return Object.entries(settings).flatMap(([property, setting]): Remark[] => {
    const value = node[property];
    const says = value !== undefined && value !== '' && value !== setting.default;
    if (!says || applies(settings, property, node)) return [];
    const message = `has a setting ${property} that changes nothing: it counts ${conditionText(setting.when)}.`;
    return [{ id: node.id, code: 'SETTING_UNUSED', severity: 'warning', property, message }];
  });
}

function invalid({ id }: FlowNode, property: string, message: string): Remark {
  return { id, code: 'SETTING_INVALID', severity: 'error', property, message };
}
