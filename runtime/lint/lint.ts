/** Checks flow files for what can be read but would not work as meant. A rule is a function; add it to the list. */
import { CodedError } from '../errors/coded-error.ts';
import type { FlowFiles, OutputsOf } from '../flow-file/format.ts';
import { readFlowFiles } from '../flow-file/read.ts';
import type { Log } from '../hub/log.ts';
import { flowGraph, type FlowGraph } from './graph.ts';
import { settlement } from './settlement.ts';

export interface Finding {
  /** `SETTLEMENT_UNTRACKED` and the like. */
  code: string;
  severity: 'error' | 'warning';
  /** Below the folder of the flows. */
  file: string;
  line: number;
  /** Its name in the file. */
  node: string;
  message: string;
}

/** What a rule says of a node; where the node stands is added. */
export interface Remark {
  id: string;
  code: string;
  severity: Finding['severity'];
  message: string;
}

export type Rule = (graph: FlowGraph) => Remark[];

const rules: Rule[] = [settlement];

/** Findings in the order of the files. Throws CodedError FLOW_FILE_INVALID. `outputsOf` knows the palette. */
export function lintFlows(files: FlowFiles, outputsOf: OutputsOf): Finding[] {
  const read = readFlowFiles(files, outputsOf);
  const graph = flowGraph(
    read.flatMap(({ nodes }) => nodes),
    (type) => outputsOf(type) !== undefined,
  );
  const remarks = rules.flatMap((rule) => rule(graph));
  return read.flatMap(({ path, ids, lineOf }) =>
    [...ids].flatMap(([node, at]) =>
      remarks
        .filter(({ id }) => id === at)
        .map(({ code, severity, message }) => ({
          code,
          severity,
          file: path,
          line: lineOf('nodes', node),
          node,
          message,
        })),
    ),
  );
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
  const { file, line, node, message, code } = first;
  const more = others.length > 0 ? ` (and ${others.length} more: crossdock lint)` : '';
  throw new CodedError('FLOW_LINT', `"${node}" ${message}${more}`, { file, line, node, rule: code });
}
