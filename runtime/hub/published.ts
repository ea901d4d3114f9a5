/** The names that land with an event, and the process they lead to. */
import type { Envelope } from '../envelope/envelope.ts';
import type { Step } from '../journal/step.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { ProcessDefinition } from '../process/definition.ts';
import { namesIn, type Name } from '../names/names.ts';

/** What its data is called; of an event that the catalogue does not know, nothing. */
export function namesOf(
  { catalogue }: { catalogue: Catalogue },
  { type, data }: Pick<Envelope, 'type' | 'data'>,
): Name[] {
  return catalogue.types.includes(type) ? namesIn(data, catalogue.get(type).names) : [];
}

export type Named = Pick<Step, 'names' | 'about'>;

/** Nothing where the event's definition names nothing. What cannot be told keeps no event from being published. */
export async function namedBy(
  hub: { catalogue: Catalogue; processes: ReadonlyMap<string, ProcessDefinition> },
  { type, data }: Pick<Envelope, 'type' | 'data'>,
): Promise<Named> {
  const names = namesOf(hub, { type, data });
  if (names.length === 0) return {};
  for (const definition of hub.processes.values()) {
    if (!definition.events.has(type)) continue;
    const key = await definition.evaluate(definition.key, { event: type, data }).catch(() => '');
    if (typeof key === 'string' && key !== '') return { names, about: { process: definition.process, key } };
  }
  return { names };
}
