/** The tower's calls about one exception: what happened, its data, and what a person decides. */
import { Router, type Request, type RequestHandler } from 'express';
import Type from 'typebox';
import { discard } from '../../dead/discard.ts';
import { attempt, placeOf, placeText, type LetterResult } from '../../dead/letters.ts';
import { replayOne } from '../../dead/replay.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { codeOf } from '../../errors/codes.ts';
import { letterStates, type DeadLetter } from '../../journal/journal.ts';
import { sqlLetters } from '../../journal/letters.ts';
import {
  checkEdit,
  demandSeen,
  editFor,
  letterData,
  letterOf,
  letterView,
  withoutData,
} from '../../tower/letters.ts';
import { readingData } from '../audit-read.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const seen = { id: word, lastFailed: word };
const readId = reader(Type.Object({ id: word }, closed));
const readList = reader(
  Type.Object(
    {
      state: Type.Optional(Type.Enum([...letterStates])),
      flow: Type.Optional(word),
      code: Type.Optional(word),
      after: Type.Optional(word),
    },
    closed,
  ),
);
const readSeen = reader(Type.Object(seen, closed));
const readEdit = reader(Type.Object({ ...seen, data: Type.Unknown() }, closed));
const readDiscard = reader(Type.Object({ ...seen, reason: word }, closed));

const inAPage = 200;

/** Below `/tower/api/letters`. */
export function lettersRoutes({ hub, reader: { db } }: Tower): Router {
  const router = Router();
  const answer = (work: (request: Request) => Promise<unknown>): RequestHandler => answering(hub.log, work);
  const read = permitted('crossdock.read');
  const data = permitted('crossdock.data');
  const replays = permitted('crossdock.replay');

  router.get(
    '/',
    read,
    answer(async ({ query }) => list(readList(query))),
  );
  router.get(
    '/letter',
    read,
    answer(async ({ query }) => letterView(db, await letterOf(db, readId(query).id))),
  );
  // What customers wrote is for those who may see it.
  router.get(
    '/data',
    data,
    readingData,
    answer(async ({ query }) => letterData(await letterOf(db, readId(query).id), hub)),
  );
  router.post(
    '/check',
    data,
    onlyJson,
    readingData,
    answer(async ({ body }) => {
      const { data: wanted, ...asked } = readEdit(body);
      return checkEdit(await seenLetter(asked), wanted, hub);
    }),
  );
  router.post(
    '/replay',
    replays,
    onlyJson,
    answer(async (request) => {
      const letter = await seenLetter(readSeen(request.body));
      return done(await attempt(letter, () => replayOne(hub, letter, { by: userOf(request) })));
    }),
  );
  router.post(
    '/edit',
    data,
    replays,
    onlyJson,
    answer(async (request) => {
      const { data: wanted, ...asked } = readEdit(request.body);
      const letter = await seenLetter(asked);
      const edit = editFor(letter, wanted, hub);
      return done(await attempt(letter, () => replayOne(hub, letter, { by: userOf(request), edit })));
    }),
  );
  router.post(
    '/discard',
    permitted('crossdock.discard'),
    onlyJson,
    answer(async (request) => {
      const { reason, ...asked } = readDiscard(request.body);
      const { id } = await seenLetter(asked);
      const [result] = await discard(hub, [id], { by: userOf(request), reason });
      return done({ result: result! });
    }),
  );
  return router;

  async function list({ after, ...asked }: ReturnType<typeof readList>) {
    const filter = { state: 'open' as const, ...asked, ...(after && { after: placeOf(after) }) };
    const letters = await sqlLetters(db).letters({ ...filter, limit: inAPage });
    const last = letters.length === inAPage ? letters.at(-1) : undefined;
    return { rows: letters.map(withoutData), ...(last && { next: placeText(last) }) };
  }

  async function seenLetter({ id, lastFailed }: { id: string; lastFailed: string }): Promise<DeadLetter> {
    // From the journal itself: what is decided is decided about the newest.
    const [letter] = await hub.journal.letters({ ids: [id] });
    if (!letter) throw new CodedError('LETTER_UNKNOWN', 'There is no such exception', { id });
    demandSeen(letter, lastFailed);
    return letter;
  }
}

/** Throws why it was not done. */
function done({ result }: { result: LetterResult }): { done: true } {
  if (result.done) return { done: true };
  throw new CodedError(codeOf(result.code) ?? 'INTERNAL', result.message ?? 'Something unexpected failed');
}
