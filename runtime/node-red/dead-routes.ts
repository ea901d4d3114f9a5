/** The admin API of exceptions, on the editor's server: behind its login, each call with a permission of its own. */
import { Router, type Request, type RequestHandler, type Response } from 'express';
import RED from 'node-red';
import Type, { type Static, type TSchema } from 'typebox';
import type { DeadStores } from '../dead/decide.ts';
import { discard } from '../dead/discard.ts';
import { editOf } from '../dead/edit.ts';
import { attempt, type LetterResult } from '../dead/letters.ts';
import { replay, replayOne } from '../dead/replay.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { Log } from '../hub/log.ts';
import type { DeadLetter, LetterFilter, LetterQuery } from '../journal/journal.ts';
import { compileSchema } from '../schema/schema.ts';
import { refuse } from './refuse.ts';

export type DeadHub = DeadStores & { catalogue: Catalogue; log: Log };

/** Letters of one call that replays or discards; a longer one would outlive its connection. */
const mostAtOnce = 200;

const word = Type.String({ minLength: 1 });
const time = Type.String({ format: 'date-time' });
const closed = { additionalProperties: false };
const filter = {
  flow: Type.Optional(word),
  code: Type.Optional(word),
  since: Type.Optional(time),
  until: Type.Optional(time),
};
const state = Type.Optional(Type.Enum(['open', 'parked', 'replayed', 'discarded']));
const ids = Type.Array(word, { minItems: 1, maxItems: mostAtOnce });

const readGroups = reader(Type.Object({ ...filter, state }, closed));
const readList = reader(
  Type.Object(
    {
      ...filter,
      state,
      limit: Type.Optional(Type.String({ pattern: '^[1-9][0-9]{0,2}$' })),
      after: Type.Optional(word),
    },
    closed,
  ),
);
const readId = reader(Type.Object({ id: word }, closed));
const readReplay = reader(
  Type.Object(
    {
      ids: Type.Optional(ids),
      filter: Type.Optional(Type.Object(filter, { ...closed, minProperties: 1 })),
      data: Type.Optional(Type.Unknown()),
      perSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    },
    closed,
  ),
);
const readDiscard = reader(Type.Object({ ids, reason: word }, closed));

/** Below `/crossdock/dead`. Answers are JSON; a refusal is `{code, message, id}`. */
export function deadRoutes(hub: DeadHub): Router {
  const { journal } = hub;
  const router = Router();
  const answer = (work: (request: Request) => Promise<unknown>): RequestHandler => answering(hub.log, work);

  router.use((_request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  router.get(
    '/groups',
    permitted('crossdock.read'),
    answer(async ({ query }) => journal.groups(filterOf(readGroups(query)))),
  );
  router.get(
    '/letters',
    permitted('crossdock.read'),
    answer(async ({ query }) => {
      const { limit = '200', after, ...asked } = readList(query);
      const letters = await journal.letters({ ...filterOf(asked), ...afterOf(after), limit: Number(limit) });
      const last = letters.length === Number(limit) ? letters.at(-1) : undefined;
      return { letters: letters.map(withoutData), ...(last && { next: `${last.lastFailed}/${last.id}` }) };
    }),
  );
  router.get(
    '/letter',
    permitted('crossdock.read'),
    answer(async ({ query }) => withoutData(await letterOf(hub, readId(query).id))),
  );
  // What customers wrote is for those who may repair it.
  router.get(
    '/data',
    permitted('crossdock.replay'),
    answer(async ({ query }) => (await letterOf(hub, readId(query).id)).message.data),
  );
  router.post(
    '/replay',
    permitted('crossdock.replay'),
    onlyJson,
    answer((request) => replayAsked(hub, readReplay(request.body), userOf(request))),
  );
  router.post(
    '/discard',
    permitted('crossdock.discard'),
    onlyJson,
    answer(async (request) => {
      const asked = readDiscard(request.body);
      return told('discarded', await discard(hub, asked.ids, { by: userOf(request), reason: asked.reason }));
    }),
  );
  return router;
}

async function replayAsked(
  hub: DeadHub,
  { ids, filter, data, perSecond }: ReturnType<typeof readReplay>,
  by: string,
): Promise<unknown> {
  const which = ids ?? (filter && filterOf(filter));
  if (!which || (ids && filter)) throw invalid('Say either ids or a filter');
  if (data === undefined) {
    const results = await replay(hub, which, { by, limit: mostAtOnce, ...(perSecond && { perSecond }) });
    return { ...told('replayed', results), more: !ids && results.length === mostAtOnce };
  }
  const [id = ''] = ids ?? [];
  if (ids?.length !== 1) throw invalid('Other data goes with one id');
  const letter = await letterOf(hub, id);
  const edit = editOf(letter, data, hub.catalogue);
  const { result } = await attempt(letter, () => replayOne(hub, letter, { by, edit }));
  return { ...told('replayed', [result]), more: false };
}

function told(done: 'replayed' | 'discarded', results: readonly LetterResult[]): Record<string, unknown> {
  const count = results.filter((result) => result.done).length;
  return { [done]: count, refused: results.length - count, results };
}

async function letterOf({ journal }: DeadHub, id: string): Promise<DeadLetter> {
  const [letter] = await journal.letters({ ids: [id] });
  if (!letter) throw new CodedError('LETTER_UNKNOWN', 'There is no such exception', { id });
  return letter;
}

function withoutData({ message, ...letter }: DeadLetter): unknown {
  const { data: _data, ...envelope } = message;
  return { ...letter, message: envelope };
}

/** Times as the journal writes them, so that they compare. */
function filterOf({ since, until, ...same }: LetterFilter): LetterFilter {
  return {
    state: 'open',
    ...same,
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}

function afterOf(next: string | undefined): Pick<LetterQuery, 'after'> {
  if (next === undefined) return {};
  const slash = next.indexOf('/');
  return { after: { lastFailed: next.slice(0, slash), id: next.slice(slash + 1) } };
}

/**
 * Node-RED checks the login and the role; its refusals get a body. The token counts in the header only: no page of
 * another site can send that, and no log of addresses holds it.
 */
function permitted(permission: string): RequestHandler {
  const check = RED.auth.needsPermission(permission) as RequestHandler;
  return (request, response, next) => {
    const login = () =>
      refuse(response, 'LOGIN_MISSING', 'Log in, and send the token as Authorization: Bearer');
    if (!/^bearer \S+$/i.test(request.headers.authorization ?? '')) return void login();
    const { end } = response;
    response.end = (() => {
      response.end = end;
      if (userOf(request))
        refuse(response, 'PERMISSION_MISSING', `Your role has no permission ${permission}`);
      else login();
      return response;
    }) as Response['end'];
    check(request, response, (error?: unknown) => {
      response.end = end;
      if (error) next(error);
      else if (userOf(request)) next();
      else login();
    });
  };
}

/** A form of another site can send other types without asking first. */
const onlyJson: RequestHandler = (request, response, next) => {
  if (request.is('application/json')) next();
  else refuse(response, 'REQUEST_INVALID', 'The body is sent as application/json');
};

function answering(log: Log, work: (request: Request) => Promise<unknown>): RequestHandler {
  return (request, response) => {
    work(request).then(
      (result) => response.json(result),
      (error: unknown) => {
        const { code, message, cause } = asCoded(error);
        const id = refuse(response, code, message);
        if (code === 'INTERNAL') log.error({ id, err: cause }, message);
      },
    );
  };
}

function userOf(request: Request): string {
  return (request as { user?: { username?: string } }).user?.username ?? '';
}

/** Throws REQUEST_INVALID that names the first field that is wrong. */
function reader<Shape extends TSchema>(shape: Shape): (value: unknown) => Static<Shape> {
  const schema = compileSchema(shape);
  return (value) => {
    const wrong = schema.check(value);
    if (wrong) throw invalid(`${wrong.path || 'The call'} ${wrong.message}`);
    return value as Static<Shape>;
  };
}

function invalid(message: string): CodedError {
  return new CodedError('REQUEST_INVALID', message);
}
