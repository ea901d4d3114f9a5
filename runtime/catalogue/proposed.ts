/** The register of a hub that takes some of the catalogue: the interfaces it has then, proposed, so that each approval is its own. */
import { isMap, parseDocument, type YAMLMap } from 'yaml';
import { deriveInterfaces } from '../interfaces/derive.ts';
import { interfacesFile } from '../interfaces/file.ts';
import { knownOf, nodesOf } from '../interfaces/of-project.ts';
import type { OutputsOf } from '../flow-file/format.ts';
import { flowFilesOf, type FileSet } from '../flow-file/file-set.ts';

export const registerPath = `definitions/${interfacesFile}`;

/** `text`: the register as it is shipped. `found`: what the hub gets. */
export function proposedRegister(text: string, found: FileSet, outputsOf: OutputsOf): string {
  const derived = deriveInterfaces(nodesOf(flowFilesOf(found), outputsOf), knownOf(found));
  const ids = new Set(derived.map(({ id }) => id));
  const document = parseDocument(text);
  const entries = document.contents;
  if (!isMap(entries)) return text;
  entries.items = entries.items.filter(({ key }) => ids.has(String(key)));
  for (const { value } of entries.items) {
    if (!isMap(value)) continue;
    const entry: YAMLMap = value;
    entry.set('state', 'proposed');
    entry.delete('approved');
  }
  // What stands above all entries goes with the first of them, which may be gone.
  const [head = ''] = /^(#.*\n)+/.exec(text) ?? [];
  const said = document.toString({ lineWidth: 0 });
  return said.startsWith(head) ? said : `${head}\n${said}`;
}
