/** The events and schemas of a working copy, as they stand and as they would be. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { textOf, unlessAbsent } from '../files/durable.ts';
import type { Texts } from '../events/compatibility.ts';
import type { Changes } from './draft.ts';

const ofEvents = /^definitions\/(events|schemas)\//;

/** Undefined where no event and no schema is changed. */
export async function promises(
  definitionsDir: string,
  changes: Changes,
): Promise<{ before: Texts; now: Texts } | undefined> {
  if (![...changes.keys()].some((path) => ofEvents.test(path))) return undefined;
  const before = new Map<string, string>();
  for (const folder of ['events', 'schemas'])
    for (const name of (await readdir(join(definitionsDir, folder)).catch(unlessAbsent)) ?? []) {
      const text = /\.(yaml|json)$/.test(name) && (await textOf(join(definitionsDir, folder, name)));
      if (text) before.set(`definitions/${folder}/${name}`, text);
    }
  const now = new Map(before);
  for (const [path, text] of changes)
    if (text === undefined) now.delete(path);
    else now.set(path, text);
  return { before, now };
}
