/** The kinds of EDI documents that can be read: one file each, with the segments that the kind has at all. */
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import Type, { type Static } from 'typebox';
import { filesEnding, readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';
import { asks, type Standard } from './document.ts';
import { itemsOf } from './understood.ts';

const Tag = Type.String({ pattern: '^[A-Z][A-Z0-9]{1,2}$' });

const TypeFile = Type.Object(
  {
    /** `850`, `ORDERS`. */
    type: Type.String({ pattern: '^([0-9]{3}|[A-Z]{6})$' }),
    standard: Type.Enum(['x12', 'edifact']),
    summary: Type.String({ minLength: 1 }),
    /** The segment that comes first. */
    begins: Tag,
    /** The segment that makes a line: CTT01, or CNT with 2, says how many there are. */
    lines: Type.Optional(Tag),
    /** Those that stand in no loop, of all versions of the standard. */
    segments: Type.Array(Tag, { minItems: 1 }),
    /** By the segment that begins it, what stands in a loop. */
    loops: Type.Optional(Type.Record(Tag, Type.Array(Tag))),
    /** What a document of this kind asks for, by a code in it. Other codes are rejected. */
    asks: Type.Optional(
      Type.Object(
        {
          by: Type.String({ pattern: '^[A-Z][A-Z0-9]{1,2}[0-9]{2}$' }),
          codes: Type.Record(Type.String(), Type.Enum(asks)),
        },
        { additionalProperties: false },
      ),
    ),
    /** What its mappings read. A document with anything else, not ignored either, is not understood. */
    reads: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    /** What the mapping does not read, and why that does no harm. */
    ignored: Type.Optional(Type.Record(Type.String(), Type.String({ minLength: 1 }))),
    /** What is not done here, and why. */
    refused: Type.Optional(Type.Record(Type.String(), Type.String({ minLength: 1 }))),
  },
  { additionalProperties: false },
);
const schema = ownSchema(TypeFile);
const elementSchema = ownSchema(
  Type.Record(Tag, Type.String({ pattern: '^[arndt1-3][!&]?([ /][arndt1-3][!&]?)*$' })),
);

export interface DocumentType extends Static<typeof TypeFile> {
  /** Every segment it can have. */
  tags: ReadonlySet<string>;
  /** What the components of a segment's elements can hold, as the files of `elements` say. */
  elements: ReadonlyMap<string, readonly (readonly string[])[]>;
}

export interface DocumentTypes {
  get(standard: Standard, type: string): DocumentType | undefined;
}

/** Reads every `*.yaml` of the folder, if there is one. Throws CodedError CONFIG_INVALID that names file and line. */
export function loadDocumentTypes(dir: string): DocumentTypes {
  const all = new Map<string, DocumentType>();
  const elements = { x12: elementsOf(dir, 'x12'), edifact: elementsOf(dir, 'edifact') };
  for (const file of existsSync(dir) ? filesEnding(dir, '.yaml') : []) {
    const one = readYaml<Static<typeof TypeFile>>(file, schema);
    const name = `${one.standard}.${one.type}`;
    if (`${name}.yaml` !== basename(file))
      throw new CodedError('CONFIG_INVALID', `${file} describes ${name}; both names must be the same`, {
        file,
      });
    checkItems(file, one);
    const tags = new Set([...one.segments, ...Object.values(one.loops ?? {}).flat()]);
    all.set(name, { ...one, tags, elements: elements[one.standard] });
  }
  return { get: (standard, type) => all.get(`${standard}.${type}`) };
}

function checkItems(file: string, one: Static<typeof TypeFile>): void {
  try {
    itemsOf(one);
  } catch (error) {
    throw new CodedError('CONFIG_INVALID', `${file}: ${(error as Error).message}`, { file });
  }
}

function elementsOf(dir: string, standard: Standard): DocumentType['elements'] {
  const file = join(dir, 'elements', `${standard}.yaml`);
  const rows = existsSync(file) ? readYaml<Record<string, string>>(file, elementSchema) : {};
  return new Map(
    Object.entries(rows).map(([tag, row]) => [tag, row.split(' ').map((element) => element.split('/'))]),
  );
}
