/** Checks flow files for what can be read but would not work as meant. A rule is a function; add it to the list. */
import { CodedError } from '../errors/coded-error.ts';
import type { FlowFiles, OutputsOf } from '../flow-file/format.ts';
import { readFlowFiles, type FlowFile } from '../flow-file/read.ts';
import type { Log } from '../log/log.ts';
import { authority } from './authority.ts';
import { events } from './events.ts';
import { expressions } from './expressions.ts';
import { flowGraph } from './graph.ts';
import { headers } from './headers.ts';
import { interfaces } from './interfaces.ts';
import { mainOutput } from './main-output.ts';
import { names } from './names.ts';
import { payloads } from './payloads.ts';
import type { Project } from './project.ts';
import { reach } from './reach.ts';
import type { Finding, Rule } from './rule.ts';
import { secrets } from './secrets.ts';
import { senders } from './senders.ts';
import { settings } from './settings.ts';
import { settlement } from './settlement.ts';
import { unsafe } from './unsafe.ts';

/** By the name that stands in the docs. */
export const rules: Record<string, Rule> = {
  settlement,
  settings,
  expressions,
  names,
  events,
  authority,
  payloads,
  secrets,
  senders,
  reach,
  mainOutput,
  headers,
  unsafe,
  interfaces,
};

/** Findings of these rules, by default all, in the order of the files. Throws CodedError FLOW_FILE_INVALID. */
export function lintFlows(
  files: FlowFiles,
  outputsOf: OutputsOf,
  project: Project,
  applied: Record<string, Rule> = rules,
): Finding[] {
  const read = readFlowFiles(files, outputsOf);
  const graph = flowGraph(
    read.flatMap(({ nodes }) => nodes),
    (type) => outputsOf(type) !== undefined,
  );
  const remarks = Map.groupBy(
    Object.values(applied).flatMap((rule) => rule(graph, project)),
    ({ id }) => id,
  );
  return read.flatMap((file) =>
    placesOf(file).flatMap(({ id, node, lineOf }) =>
      (remarks.get(id) ?? []).map(({ code, severity, property, message }) => ({
        code,
        severity,
        file: file.path,
        line: lineOf(property),
        node,
        id,
        message,
      })),
    ),
  );
}

interface NodeLines {
  id: string;
  node: string;
  lineOf(property?: string): number;
}

/** The flow itself, then its nodes. */
function placesOf({ path, headerId, ids, lineOf }: FlowFile): NodeLines[] {
  const nodes = [...ids].map(([node, id]) => ({
    id,
    node,
    lineOf: (property?: string) => lineOf('nodes', node, ...(property === undefined ? [] : [property])),
  }));
  const name = path.replace(/\.(yaml|json)$/, '');
  return headerId === undefined ? nodes : [{ id: headerId, node: name, lineOf: () => 1 }, ...nodes];
}

export function findingText({ code, severity, file, line, node, message }: Finding): string {
  return `${file}:${line}: ${severity} ${code}: "${node}" ${message}`;
}

export function logFindings(findings: readonly Finding[], log: Log): void {
  for (const finding of findings)
    log[finding.severity === 'error' ? 'error' : 'warn'](finding, findingText(finding));
}

/** Throws CodedError FLOW_LINT with the first error. */
export function refuseErrors(findings: readonly Finding[]): void {
  const [first, ...others] = findings.filter(({ severity }) => severity === 'error');
  if (!first) return;
  const { file, line, node, id, message, code } = first;
  const more = others.length > 0 ? ` (and ${others.length} more: crossdock lint)` : '';
  throw new CodedError('FLOW_LINT', `"${node}" ${message}${more}`, { file, line, node, id, rule: code });
}
