/** What the studio knows of the definitions beside the mapping itself; read again when a file of them has changed. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesEnding, readYaml } from '../../definitions/read-yaml.ts';
import { stampOf } from '../../definitions/when-changed.ts';
import { loadDocumentTypes, type DocumentTypes } from '../../edi/document-types.ts';
import { mappingTests, type Case } from '../../map/test-file.ts';
import { loadPartners, type Partners } from '../../partners/partners.ts';
import { loadValueMaps, valueMaps, type ValueMaps } from '../../values/value-maps.ts';
import { addMessage, addSchema, emptyShape, type Shape } from './shape.ts';

export interface Known {
  dir: string;
  values: ValueMaps;
  partners: Partners;
  documentTypes: DocumentTypes;
  tests: { schema?: string; cases: Case[] };
  /** The fields of all messages that are known: of the tests, and of the schema of what comes in. */
  shape: Shape;
}

export type Keep = (name: string, sources: readonly string[]) => Known;

/** `sources`: files of schemas that the message fits. */
export function knowing(dir: string): Keep {
  const values = kept(() =>
    filesIn('values').length > 0 ? loadValueMaps(join(dir, 'values')) : valueMaps([]),
  );
  const partners = kept(() => loadPartners(join(dir, 'partners')));
  const documentTypes = kept(() => loadDocumentTypes(join(dir, 'edi')));
  const filesIn = (name: string): string[] =>
    existsSync(join(dir, name)) ? filesEnding(join(dir, name), '.yaml') : [];
  const ofMapping = new Map<string, ReturnType<typeof kept<Pick<Known, 'tests' | 'shape'>>>>();
  return (name, sources) => {
    const tests = join(dir, 'mappings', `${name}.test.yaml`);
    const key = [name, ...sources].join('\n');
    const own = ofMapping.get(key) ?? kept(() => messagesOf(tests, sources));
    ofMapping.set(key, own);
    return {
      dir,
      values: values(filesIn('values')),
      partners: partners(filesIn('partners')),
      documentTypes: documentTypes(filesIn('edi')),
      ...own([tests, ...sources]),
    };
  };
}

function messagesOf(tests: string, sources: readonly string[]): Pick<Known, 'tests' | 'shape'> {
  const shape = emptyShape();
  const found = existsSync(tests) ? readTests(tests) : { cases: [] };
  for (const { given } of found.cases) addMessage(shape, given);
  for (const file of sources.filter((one) => existsSync(one)))
    addSchema(shape, JSON.parse(readFileSync(file, 'utf8')));
  return { tests: found, shape };
}

function readTests(file: string): Known['tests'] {
  return readYaml<Known['tests']>(file, mappingTests);
}

/** Made again when one of the files is another. */
function kept<T>(make: () => T): (files: readonly string[]) => T {
  let stamp = '';
  let value: T;
  return (files) => {
    const now = files.map((file) => stampOf(file)).join('\n');
    if (now !== stamp) value = make();
    stamp = now;
    return value;
  };
}
