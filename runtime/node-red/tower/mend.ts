/** The tower's calls about gaps of value maps: what Odoo has for them, entries that are proposed, and those of other hubs. */
import { join } from 'node:path';
import { Router, type Request } from 'express';
import Type from 'typebox';
import { gapOf } from '../../dead/mapped.ts';
import { audited, hashed } from '../../audit/audited.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { PROPOSALS_IN_A_PAGE } from '../../journal/proposals.ts';
import type { ProposalRow } from '../../journal/tables.ts';
import { candidates } from '../../tower/candidates.ts';
import { elsewhere, takeOver } from '../../tower/elsewhere.ts';
import { gapView } from '../../tower/gap.ts';
import { contextOf, letterOf } from '../../tower/letters.ts';
import { mend, withdraw, type Mending } from '../../tower/mend.ts';
import { settleProposals } from '../../dead/proposals.ts';
import { readingData } from '../audit-read.ts';
import { answeringWith, invalid, onlyJson, permitted, reader, userOf } from '../routes.ts';
import { may } from './me.ts';
import { runningOdoo } from './odoo.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 200 });
const line = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\r\\n]*$' });
const readId = reader(Type.Object({ id: Type.String({ minLength: 1 }) }, closed));
const readCandidates = reader(
  Type.Object({ map: word, q: Type.Union([word, Type.Array(word, { maxItems: 4 })]) }, closed),
);
const readWanted = reader(
  Type.Object(
    {
      map: word,
      value: line,
      source: Type.String({ maxLength: 200 }),
      article: Type.String({ maxLength: 200 }),
      to: line,
      factor: Type.Optional(Type.String()),
      letter: Type.Optional(Type.String()),
    },
    closed,
  ),
);
const readList = reader(
  Type.Object(
    {
      state: Type.Optional(Type.Enum(['waiting', 'live', 'other', 'withdrawn'])),
      after: Type.Optional(word),
    },
    closed,
  ),
);
const readTaken = reader(Type.Object({ environment: word, id: word }, closed));

/** They say where money goes. */
const accountMaps: ReadonlySet<string> = new Set(['account', 'journal']);

/** Below `/tower/api/mend`. */
export function mendRoutes(tower: Tower): Router {
  const answer = answeringWith(tower.hub.log, tower);
  const read = permitted('crossdock.read');
  const replays = permitted('crossdock.replay');
  const router = Router();
  router.get('/gap', read, answer(gapOfLetter));
  router.get('/context', permitted('crossdock.data'), readingData, answer(context));
  router.get('/candidates', replays, answer(inOdoo));
  router.get('/proposals', read, answer(list));
  router.post('/proposals', replays, onlyJson, answer(propose));
  router.post('/withdraw', replays, onlyJson, answer(withdrawOne));
  router.get('/elsewhere', read, answer(ofOthers));
  router.post('/take', replays, onlyJson, answer(takeOfOther));
  return router;
}

function mendingOf({ hub, here }: Tower): Mending {
  return { hub, atOnce: here.authored, take: here.take, odoo: runningOdoo };
}

/** By somebody who may not write into every map. */
function mendingBy(request: Request, tower: Tower): Mending {
  return {
    ...mendingOf(tower),
    demand(map) {
      if (accountMaps.has(map) && !may(request, 'crossdock.accounts'))
        throw new CodedError('PERMISSION_MISSING', 'Your role has no permission crossdock.accounts');
    },
  };
}

async function gapOfLetter(tower: Tower, { query }: Request) {
  const { db } = tower.reader;
  return gapView(db, mendingOf(tower), await letterOf(db, readId(query).id));
}

async function context({ reader: { db } }: Tower, { query }: Request) {
  const letter = await letterOf(db, readId(query).id);
  const gap = gapOf(letter);
  return { rows: gap ? contextOf(letter.message.data, gap.value) : [] };
}

async function inOdoo(_tower: Tower, { query }: Request) {
  const { map, q } = readCandidates(query);
  return candidates(runningOdoo(), map, [q].flat());
}

async function list({ hub }: Tower, { query }: Request) {
  const { proposals } = hub.journal;
  const { state = 'waiting', after } = readList(query);
  if (state === 'waiting') await settleProposals(proposals, hub.values);
  const rows = await proposals.list(state, after === undefined ? undefined : placeOf(after));
  const last = rows.length === PROPOSALS_IN_A_PAGE ? rows.at(-1) : undefined;
  return { rows, ...(last && { next: `${last.made}/${last.id}` }) };
}

async function propose(tower: Tower, request: Request) {
  const wanted = readWanted(request.body);
  const by = userOf(request);
  const entry = { who: by, act: 'value.add', object: `value-map/${wanted.map}` } as const;
  return audited(tower.hub.journal.audit, { ...entry, ...hashed('after', wanted) }, () =>
    mend(mendingBy(request, tower), wanted, by),
  );
}

async function withdrawOne({ hub: { journal } }: Tower, request: Request) {
  const { id } = readId(request.body);
  const by = userOf(request);
  const entry = { who: by, act: 'value.withdraw', object: `proposal/${id}` } as const;
  return audited(journal.audit, entry, () => withdraw(journal.proposals, id, by));
}

async function ofOthers({ hub, here, environment: { environment } }: Tower) {
  return { rows: here.authored() ? await elsewhere(environmentsOf(hub), environment, process.env) : [] };
}

async function takeOfOther(tower: Tower, request: Request) {
  const { hub, here } = tower;
  if (!here.authored())
    throw new CodedError('RELEASE_RUNNING', 'Take it over on the hub where flows are made');
  const where = { dir: environmentsOf(hub), env: process.env, ...readTaken(request.body) };
  const by = userOf(request);
  const object = `proposal/${where.id} of ${where.environment}`;
  return audited(hub.journal.audit, { who: by, act: 'value.add', object }, () =>
    takeOver(mendingBy(request, tower), where, by),
  );
}

function environmentsOf({ definitionsDir }: Tower['hub']): string {
  return join(definitionsDir, 'environments');
}

function placeOf(text: string): Pick<ProposalRow, 'made' | 'id'> {
  const [made, id] = text.split('/');
  if (!made || !id) throw invalid(`${text} is no place in the list of proposals`);
  return { made, id };
}
