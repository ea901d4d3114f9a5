/** The admin API of business processes: what is under way, where each stands, and a person's decisions about it. */
import express, { Router, type Request } from 'express';
import Type from 'typebox';
import { CodedError } from '../errors/coded-error.ts';
import type { Hub } from '../hub/hub.ts';
import { placeOf, placeText } from '../journal/processes.ts';
import { processEngine } from '../process/engine/engine.ts';
import type { IssuedCommand, Instance } from '../process/state.ts';
import { auditRead } from './audit-read.ts';
import { answering, onlyJson, permitted, reader, uncached, userOf } from './routes.ts';
import { may } from './tower/me.ts';

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
    answering(hub.log, async (request) => {
      const { called, after, ...asked } = readQuery(request.query);
      const { processes } = hub.journal;
      const rows =
        called === undefined
          ? await processes.list({ ...asked, ...(after && { after: placeOf(after) }), limit: mostAtOnce })
          : await processes.called(called, asked.process);
      if (may(request, 'crossdock.data') && rows.length > 0)
        await auditRead(request, `processes ${called ?? asked.process ?? ''}`.trim());
      const last = rows.length === mostAtOnce ? rows.at(-1) : undefined;
      const instances = rows.map(({ body }) => JSON.parse(body) as Instance);
      return {
        processes: instances
          .filter(({ state }) => (asked.state ?? state) === state)
          .map((instance) => shown(instance, request)),
        ...(last && { next: placeText(last) }),
      };
    }),
  );
  router.post(
    '/actions',
    permitted('crossdock.replay'),
    onlyJson,
    express.json({ limit: '10kb' }),
    answering(hub.log, async (request) => {
      const { process, called, action } = readAction(request.body);
      const definition = hub.processes.get(process);
      if (!definition) throw new CodedError('PROCESS_UNKNOWN', `There is no process ${process}`);
      const { definitionsDir, journal, broker, catalogue } = hub;
      const engine = processEngine({ definition, definitionsDir, journal, broker, catalogue });
      return shown(await engine.act(action, called, userOf(request)), request);
    }),
  );
  return router;
}

/** The data of events and commands is for those who may see it. */
function shown(instance: Instance, request: Request): object {
  if (may(request, 'crossdock.data')) return instance;
  const { facts: _facts, steps, asked, kept, hold, ...rest } = instance;
  const ofSteps = Object.entries(steps).map(([name, { done: _done, also: _also, ...step }]) => [name, step]);
  return {
    ...rest,
    steps: Object.fromEntries(ofSteps) as object,
    asked: asked.map(withoutData),
    kept: kept.map(withoutData),
    ...(hold && { hold: { event: hold.event } }),
  };
}

function withoutData({ data: _data, ...rest }: IssuedCommand): Omit<IssuedCommand, 'data'> {
  return rest;
}
