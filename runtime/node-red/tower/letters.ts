/** The tower's calls about one exception: what happened, its data, and what a person decides. */
import { Router, type Request } from 'express';
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
import { answeringWith, onlyJson, permitted, reader, userOf } from '../routes.ts';
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
export function lettersRoutes(tower: Tower): Router {
  const answer = answeringWith(tower.hub.log, tower);
  const read = permitted('crossdock.read');
  // What customers wrote is for those who may see it.
  const data = permitted('crossdock.data');
  const replays = permitted('crossdock.replay');
  const router = Router();
  router.get('/', read, answer(list));
  router.get('/letter', read, answer(one));
  router.get('/data', data, readingData, answer(dataOf));
  router.post('/check', data, onlyJson, readingData, answer(check));
  router.post('/replay', replays, onlyJson, answer(replay));
  router.post('/edit', data, replays, onlyJson, answer(replayEdited));
  router.post('/discard', permitted('crossdock.discard'), onlyJson, answer(discardOne));
  return router;
}

async function list({ reader: { db } }: Tower, { query }: Request) {
  const { after, ...asked } = readList(query);
  const filter = { state: 'open' as const, ...asked, ...(after && { after: placeOf(after) }) };
  const letters = await sqlLetters(db).letters({ ...filter, limit: inAPage });
  const last = letters.length === inAPage ? letters.at(-1) : undefined;
  return { rows: letters.map(withoutData), ...(last && { next: placeText(last) }) };
}

async function one({ reader: { db } }: Tower, { query }: Request) {
  return letterView(db, await letterOf(db, readId(query).id));
}

async function dataOf({ hub, reader: { db } }: Tower, { query }: Request) {
  return letterData(await letterOf(db, readId(query).id), hub);
}

async function check({ hub }: Tower, { body }: Request) {
  const { data: wanted, ...asked } = readEdit(body);
  return checkEdit(await seenLetter(hub, asked), wanted, hub);
}

async function replay({ hub }: Tower, request: Request) {
  const letter = await seenLetter(hub, readSeen(request.body));
  return done(await attempt(letter, () => replayOne(hub, letter, { by: userOf(request) })));
}

async function replayEdited({ hub }: Tower, request: Request) {
  const { data: wanted, ...asked } = readEdit(request.body);
  const letter = await seenLetter(hub, asked);
  const edit = editFor(letter, wanted, hub);
  return done(await attempt(letter, () => replayOne(hub, letter, { by: userOf(request), edit })));
}

async function discardOne({ hub }: Tower, request: Request) {
  const { reason, ...asked } = readDiscard(request.body);
  const { id } = await seenLetter(hub, asked);
  const [result] = await discard(hub, [id], { by: userOf(request), reason });
  return done({ result: result! });
}

async function seenLetter(
  { journal }: Tower['hub'],
  { id, lastFailed }: { id: string; lastFailed: string },
): Promise<DeadLetter> {
  // From the journal itself: what is decided is decided about the newest.
  const [letter] = await journal.letters({ ids: [id] });
  if (!letter) throw new CodedError('LETTER_UNKNOWN', 'There is no such exception', { id });
  demandSeen(letter, lastFailed);
  return letter;
}

/** Throws why it was not done. */
function done({ result }: { result: LetterResult }): { done: true } {
  if (result.done) return { done: true };
  throw new CodedError(codeOf(result.code) ?? 'INTERNAL', result.message ?? 'Something unexpected failed');
}
