/** The catalogue as an AsyncAPI 3.0 document (https://www.asyncapi.com), for those who read events with other tools. */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { loadCatalogue } from './catalogue.ts';

/** One channel an event; its owner is the tag of the message. Data is described by the event's own schema, whole. */
export function asyncApi(definitionsDir: string, version: string): object {
  const dir = join(definitionsDir, 'events');
  const catalogue = loadCatalogue(dir);
  const events = catalogue.types.toSorted().map((type) => catalogue.get(type));
  const messages = events.map(({ type, summary, owner, version: own, schema }) => [
    type,
    {
      name: type,
      title: type,
      summary,
      contentType: 'application/cloudevents+json',
      tags: [{ name: owner }, { name: own }],
      payload: {
        schemaFormat: 'application/schema+json;version=draft-2020-12',
        schema: JSON.parse(readFileSync(resolve(dir, schema), 'utf8')) as object,
      },
    },
  ]);
  const reference = (type: string) => ({ $ref: `#/components/messages/${type}` });
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Crossdock events',
      version,
      description: 'What flows publish. The data of each event, in a CloudEvents 1.0 envelope.',
    },
    channels: Object.fromEntries(
      events.map(({ type }) => [type, { address: type, messages: { event: reference(type) } }]),
    ),
    components: { messages: Object.fromEntries(messages) as object },
  };
}
