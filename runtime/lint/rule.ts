/** A rule, and what it finds. */
import type { FlowGraph } from './graph.ts';
import type { Project } from './project.ts';

export interface Finding {
  /** `SETTLEMENT_UNTRACKED` and the like. */
  code: string;
  severity: 'error' | 'warning';
  /** Below the folder of the flows. */
  file: string;
  line: number;
  /** Its name in the file; of the flow itself, the flow's. */
  node: string;
  /** Of the node in the editor. */
  id: string;
  message: string;
}

/** What a rule says of a node or a flow; where it stands is added. */
export interface Remark extends Pick<Finding, 'code' | 'severity' | 'message' | 'id'> {
  /** The setting it is about. */
  property?: string;
}

export type Rule = (graph: FlowGraph, project: Project) => Remark[];
