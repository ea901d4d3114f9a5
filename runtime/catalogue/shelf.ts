/** What Crossdock ships to be taken: items of definitions/catalogue.yaml, and the texts they are made of. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { readFileSet, type FileSet } from '../flow-file/file-set.ts';
import { ownSchema } from '../schema/schema.ts';

const word = Type.String({ minLength: 1 });
const words = Type.Array(word, { minItems: 1 });

const Item = Type.Object(
  {
    kind: Type.Enum(['partner', 'area']),
    title: word,
    summary: word,
    /** By the name of their files. What else they need follows from what they name. */
    flows: Type.Optional(words),
    /** Files of definitions/partners that no flow names. */
    partners: Type.Optional(words),
    /** Other items. */
    needs: Type.Optional(words),
  },
  { additionalProperties: false },
);

const schema = ownSchema(Type.Record(word, Item));

export type Item = Static<typeof Item>;

export interface Shelf {
  version: string;
  items: ReadonlyMap<string, Item>;
  /** Every flow, flow test and definition that is shipped. */
  files: FileSet;
  /** By name of the environment, the text of its file. */
  environments: ReadonlyMap<string, string>;
}

const list = 'catalogue.yaml';

/** `root` holds flows/, definitions/ and package.json. Throws CONFIG_INVALID. */
export async function openShelf(root: string): Promise<Shelf> {
  const definitions = join(root, 'definitions');
  const files = await readFileSet(join(root, 'flows'), definitions);
  files.delete(`definitions/${list}`);
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const environments = ['dev', 'test', 'prod'].map((name): [string, string] => [
    name,
    readFileSync(join(definitions, 'environments', `${name}.yaml`), 'utf8'),
  ]);
  const items = new Map(Object.entries(readYaml<Record<string, Item>>(join(definitions, list), schema)));
  return { version, items, files, environments: new Map(environments) };
}

/** These, in whichever letters, and all that they need. Throws CATALOGUE_UNKNOWN. */
export function withNeeds(shelf: Shelf, names: Iterable<string>): string[] {
  const all = new Set<string>();
  const add = (said: string): void => {
    const name = said.toLowerCase();
    const item = shelf.items.get(name);
    if (!item)
      throw new CodedError(
        'CATALOGUE_UNKNOWN',
        `The catalogue has no ${said}; it has ${[...shelf.items.keys()].join(', ')}`,
        { name },
      );
    if (all.has(name)) return;
    all.add(name);
    for (const one of item.needs ?? []) add(one);
  };
  for (const name of names) add(name);
  return [...all].toSorted();
}
