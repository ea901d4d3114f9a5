/** The admin API of exceptions, on the editor's server: behind its login, each call with a permission of its own. */
import { Router, type Request, type RequestHandler } from 'express';
import Type from 'typebox';
import type { DeadStores } from '../dead/decide.ts';
import { discard } from '../dead/discard.ts';
import { editOf } from '../dead/edit.ts';
import { attempt, placeOf, placeText, type LetterResult } from '../dead/letters.ts';
import { replay, replayOne } from '../dead/replay.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Catalogue } from '../events/catalogue.ts';
import type { Log } from '../log/log.ts';
import { letterStates, type DeadLetter, type LetterFilter } from '../journal/journal.ts';
import { readingData } from './audit-read.ts';
import { answering, invalid, onlyJson, permitted, reader, uncached, userOf } from './routes.ts';

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
const state = Type.Optional(Type.Enum([...letterStates]));
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

  router.use(uncached);
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
      const letters = await journal.letters({
        ...filterOf(asked),
        ...(after !== undefined && { after: placeOf(after) }),
        limit: Number(limit),
      });
      const last = letters.length === Number(limit) ? letters.at(-1) : undefined;
      return { letters: letters.map(withoutData), ...(last && { next: placeText(last) }) };
    }),
  );
  router.get(
    '/letter',
    permitted('crossdock.read'),
    answer(async ({ query }) => withoutData(await letterOf(hub, readId(query).id))),
  );
  router.get(
    '/data',
    permitted('crossdock.data'),
    readingData,
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
