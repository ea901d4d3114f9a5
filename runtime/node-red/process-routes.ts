/** The admin API of business processes: what is under way, where each stands, and a person's decisions about it. */
import express, { Router } from 'express';
import Type from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import type { Hub } from '../hub/hub.ts';
import { placeOf, placeText } from '../journal/processes.ts';
import { processEngine } from '../process/engine.ts';
import type { Instance } from '../process/state.ts';
import { answering, onlyJson, permitted, reader, uncached, userOf } from './routes.ts';

const mostAtOnce = 1000;
const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const readQuery = reader(
  Type.Object(
    {
      process: Type.Optional(word),
      state: Type.Optional(word),
      called: Type.Optional(word),
      after: Type.Optional(word),
    },
    closed,
  ),
);
const readAction = reader(
  Type.Object(
    { process: word, called: word, action: Type.Enum(['pause', 'step', 'resume', 'compensate']) },
    closed,
  ),
);

/** Below `/crossdock/processes`. */
export function processRoutes(hub: Hub): Router {
  const router = Router();
  router.use(uncached);
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }) => {
      const { called, after, ...asked } = readQuery(query);
      const { processes } = hub.journal;
      const rows =
        called === undefined
          ? await processes.list({ ...asked, ...(after && { after: placeOf(after) }), limit: mostAtOnce })
          : await processes.called(called, asked.process);
      const last = rows.length === mostAtOnce ? rows.at(-1) : undefined;
      const instances = rows.map(({ body }) => JSON.parse(body) as Instance);
      return {
        processes: instances.filter(({ state }) => (asked.state ?? state) === state),
        ...(last && { next: placeText(last) }),
      };
    }),
  );
  router.post(
    '/actions',
    permitted('crossdock.replay'),
    onlyJson,
    express.json({ limit: '10kb' }),
    answering(hub.log, (request) => {
      const { process, called, action } = readAction(request.body);
      const definition = hub.processes.get(process);
      if (!definition) throw new CodedError('PROCESS_UNKNOWN', `There is no process ${process}`);
      const { definitionsDir, journal, broker, catalogue } = hub;
      const engine = processEngine({ definition, definitionsDir, journal, broker, catalogue });
      return engine.act(action, called, userOf(request));
    }),
  );
  return router;
}
