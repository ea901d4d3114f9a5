/** Which system owns what: who may write an object of Odoo, and who may say that something happened. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import Type, { type Static } from 'typebox';
import { readYaml } from '../definitions/read-yaml.ts';
import { CodedError } from '../errors/coded-error.ts';
import { ownSchema } from '../schema/schema.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });

const AuthorityFile = Type.Object(
  {
    systems: Type.Record(word, Type.Object({ summary: word, sources: Type.Array(word) }, closed)),
    /** By what a node writes: `sale.order`. */
    objects: Type.Record(word, Type.Object({ owner: word, flows: Type.Array(word) }, closed)),
    /** By type of event, the system that may say it. */
    events: Type.Record(word, word),
  },
  closed,
);

const schema = ownSchema(AuthorityFile);

export interface Authority {
  /** Every source that a system speaks as. */
  sources: ReadonlySet<string>;
  /** Why this flow may not write this; undefined when it may. */
  wrongWriter(object: string, flow: string): string | undefined;
  /** Why this source may not say this; undefined when it may. */
  wrongSource(event: string, source: string): string | undefined;
}

/** Without a file everything is allowed. Throws CodedError CONFIG_INVALID with file and line. */
export function loadAuthority(definitionsDir: string): Authority {
  const file = join(definitionsDir, 'authority.yaml');
  if (!existsSync(file))
    return { sources: new Set(), wrongWriter: () => undefined, wrongSource: () => undefined };
  const { systems, objects, events } = readYaml<Static<typeof AuthorityFile>>(file, schema);
  const owners = [...Object.values(objects).map(({ owner }) => owner), ...Object.values(events)];
  const unknown = owners.find((owner) => !Object.hasOwn(systems, owner));
  if (unknown !== undefined)
    throw new CodedError(
      'CONFIG_INVALID',
      `${file} names the system ${unknown}, which it does not describe`,
      {
        file,
      },
    );
  return {
    sources: new Set(Object.values(systems).flatMap(({ sources }) => sources)),
    wrongWriter(object, flow) {
      const { owner, flows } = objects[object] ?? {};
      if (!flows || flows.includes(flow)) return undefined;
      return `${object} belongs to ${owner}; the flows that write it are ${flows.join(', ')}`;
    },
    wrongSource(event, source) {
      const owner = events[event];
      if (owner === undefined || systems[owner]!.sources.includes(source)) return undefined;
      return `${event} is said by ${owner}, not by ${source}`;
    },
  };
}

/** Throws CodedError AUTHORITY_MISSING. */
export function demand(wrong: string | undefined): void {
  if (wrong !== undefined) throw new CodedError('AUTHORITY_MISSING', wrong);
}
