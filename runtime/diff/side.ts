/** One of two sets that are compared: its flows, and each node where it stands. */
import type { FlowNode, OutputsOf } from '../flow-file/format.ts';
import { readFlowFiles } from '../flow-file/read.ts';
import { flowFilesOf, type FileSet } from '../flow-file/file-set.ts';

/** A node where it stands. */
export interface Placed {
  node: FlowNode;
  flow: string;
  /** Its name in the file. */
  name: string;
}

export interface Side {
  byId: Map<string, Placed>;
  /** Tabs and subflows by the name of their file. */
  flows: Map<string, FlowNode>;
  set: FileSet;
}

/** Throws CodedError FLOW_FILE_INVALID. */
export function sideOf(set: FileSet, outputsOf: OutputsOf): Side {
  const byId = new Map<string, Placed>();
  const flows = new Map<string, FlowNode>();
  for (const { path, ids, headerId, nodes } of readFlowFiles(flowFilesOf(set), outputsOf)) {
    const flow = path.replace(/\.(yaml|json)$/, '');
    const names = new Map([...ids].map(([name, id]) => [id, name]));
    flows.set(flow, nodes.find(({ id }) => id === headerId) ?? { id: '', type: 'tab' });
    for (const node of nodes)
      if (node.id !== headerId) byId.set(node.id, { node, flow, name: names.get(node.id) ?? node.id });
  }
  return { byId, flows, set };
}
