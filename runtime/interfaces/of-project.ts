/** The register of a hub's files. */
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadCatalogue, type EventDefinition } from '../events/catalogue.ts';
import { readFiles } from '../flow-file/disk.ts';
import type { FlowFiles, FlowNode, OutputsOf } from '../flow-file/format.ts';
import { readFlowFiles } from '../flow-file/read.ts';
import { loadPartners, type Partner, type PartnerFile } from '../partners/partners.ts';
import { deriveInterfaces, type Interface, type Known } from './derive.ts';
import { loadInterfaces, type Entries } from './file.ts';

export interface Files {
  flowsDir: string;
  definitionsDir: string;
  outputsOf: OutputsOf;
}

export function knownIn(definitionsDir: string): Known {
  return {
    catalogue: loadCatalogue(join(definitionsDir, 'events')),
    partners: loadPartners(join(definitionsDir, 'partners')),
  };
}

/** Throws CodedError FLOW_FILE_INVALID or CONFIG_INVALID. */
export async function interfacesOf({ flowsDir, definitionsDir, outputsOf }: Files): Promise<{
  derived: Interface[];
  entries: Entries;
}> {
  const nodes = nodesOf(await readFiles(flowsDir), outputsOf);
  return {
    derived: deriveInterfaces(nodes, knownIn(definitionsDir)),
    entries: loadInterfaces(definitionsDir),
  };
}

/** Of files that are not on the disk; they were checked where they come from. */
export function knownOf(files: ReadonlyMap<string, string>): Known {
  const below = <T>(folder: string): T[] =>
    [...files].flatMap(([path, text]) =>
      path.startsWith(`definitions/${folder}/`) ? [parse(text) as T] : [],
    );
  const events = new Map(below<EventDefinition>('events').map((event) => [event.type, event]));
  return {
    catalogue: { types: [...events.keys()], get: (type) => events.get(type)! },
    partners: { edi: below<PartnerFile>('partners').filter((one): one is Partner => one.edi !== undefined) },
  };
}

export function nodesOf(files: FlowFiles, outputsOf: OutputsOf): FlowNode[] {
  return readFlowFiles(files, outputsOf).flatMap((file) => file.nodes);
}
