/** What a command knows about letters that are to be sent again: the journal and the files, neither flows that run nor Odoo. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesEnding } from '../runtime/definitions/read-yaml.ts';
import { loadCatalogue } from '../runtime/events/catalogue.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import type { Witnesses } from '../runtime/replay/known.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { places } from '../runtime/app/project.ts';

export function witnessesHere({ evidence, replays }: Journal): Witnesses {
  const { definitionsDir, flowsDir } = places();
  return {
    evidence,
    replays,
    catalogue: loadCatalogue(join(definitionsDir, 'events')),
    values: loadValueMaps(join(definitionsDir, 'values')),
    versions: versionsIn(flowsDir),
  };
}

/** By flow. Read without what is below: the head of a file has both. */
function versionsIn(flowsDir: string): Map<string, string> {
  const heads = filesEnding(flowsDir, '.yaml').map((file) => {
    const text = readFileSync(file, 'utf8');
    const of = (name: string) => new RegExp(`^${name}: *['"]?([^'"\\n]+)`, 'm').exec(text)?.[1]?.trim();
    return [of('flow'), of('version')] as const;
  });
  return new Map(
    heads.filter((head): head is [string, string] => head[0] !== undefined && head[1] !== undefined),
  );
}
