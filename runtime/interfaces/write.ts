/** Writes into definitions/interfaces.yaml what people decide: proposals for what has no entry, and approvals. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, isMap, parseDocument, type YAMLMap } from 'yaml';
import { CodedError } from '../errors/coded-error.ts';
import { replaceFile } from '../files/durable.ts';
import type { Ownership } from '../ownership/ownership.ts';
import type { Interface } from './derive.ts';
import { interfacesFile, loadInterfaces, type DataClass, type Entries } from './file.ts';

/** One line an interface, in the form the file has. */
const style = { lineWidth: 0 } as const;

/** Proposes each that has no entry; the ids it wrote. What nobody can derive is a cautious guess, for its owner to correct. */
export async function propose(
  definitionsDir: string,
  derived: readonly Interface[],
  entries: Entries,
  ownership: Pick<Ownership, 'teams'>,
): Promise<string[]> {
  const lacking = derived.filter(({ id, nodes }) => nodes.length > 0 && !entries.has(id));
  const [team = 'it'] = ownership.teams.has('it') ? ['it'] : [...ownership.teams.keys()];
  await changed(definitionsDir, (document, map) => {
    for (const { id } of lacking) {
      const entry = document.createNode(
        { owner: team, state: 'proposed', class: 'personal' satisfies DataClass },
        { flow: true },
      );
      map.set(id, entry);
    }
  });
  return lacking.map(({ id }) => id);
}

/** Throws CodedError INTERFACE_UNKNOWN for what has no entry, REQUEST_INVALID for what is beyond approval. */
export async function approve(
  definitionsDir: string,
  ids: readonly string[],
  { by, on }: { by: string; on: string },
): Promise<void> {
  const entries = loadInterfaces(definitionsDir);
  for (const id of ids) {
    const entry = entries.get(id);
    if (!entry)
      throw new CodedError(
        'INTERFACE_UNKNOWN',
        `${id} has no entry: crossdock interfaces propose writes one`,
      );
    if (entry.state !== 'proposed')
      throw new CodedError('REQUEST_INVALID', `${id} is ${entry.state}: only what is proposed is approved`);
  }
  await changed(definitionsDir, (document, map) => {
    for (const id of ids) {
      const entry = map.get(id) as YAMLMap;
      entry.set('state', 'approved');
      entry.set('approved', document.createNode({ by, on }, { flow: true }));
    }
  });
}

async function changed(
  definitionsDir: string,
  change: (document: Document, map: YAMLMap) => void,
): Promise<void> {
  const file = join(definitionsDir, interfacesFile);
  const document: Document = parseDocument(existsSync(file) ? readFileSync(file, 'utf8') : '{}\n');
  if (!isMap(document.contents)) document.contents = document.createNode({}) as never;
  const map = document.contents as unknown as YAMLMap;
  if (map.items.length === 0) map.flow = false;
  change(document, map);
  const text = document.toString(style);
  loadInterfaces(definitionsDir, text);
  await replaceFile(file, text);
}
