/** The workspace's calls about events and their schemas. */
import { Router } from 'express';
import Type from 'typebox';
import { eventRows, proposedSchema, verdict } from '../../workspace/events.ts';
import { answering, invalid, onlyJson, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const readVerdict = reader(
  Type.Object(
    {
      path: Type.String({ pattern: '^definitions/schemas/[^/]+[.]json$' }),
      schema: Type.Record(Type.String(), Type.Unknown()),
    },
    closed,
  ),
);
const readSample = reader(Type.Object({ text: Type.String({ maxLength: 5_000_000 }) }, closed));

/** Below `/tower/api/events`. */
export function eventsRoutes({ hub, here }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows: eventRows(hub.catalogue) })),
  );
  router.post(
    '/verdict',
    permitted('crossdock.author'),
    onlyJson,
    answering(hub.log, ({ body }) => {
      const { path, schema } = readVerdict(body);
      return verdict(here, path, schema);
    }),
  );
  router.post(
    '/propose',
    permitted('crossdock.author'),
    onlyJson,
    answering(hub.log, async ({ body }) => ({ schema: proposedSchema([parsed(readSample(body).text)]) })),
  );
  return router;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw invalid('The message is no JSON: look for a missing quote, comma or bracket');
  }
}
