/** Checks flow files for what can be read but would not work as meant. A rule is a function; add it to the list. */
import type { FlowFiles, OutputsOf } from '../flow-file/format.ts';
import { readFlowFiles } from '../flow-file/read.ts';
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
