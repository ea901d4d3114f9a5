/** The API of replays: plan, look, run, agree, pause, resume and cancel. */
import express, { Router, type Request } from 'express';
import Type from 'typebox';
import { audited, hashed } from '../../audit/audited.ts';
import type { Which } from '../../dead/letters.ts';
import { isEverywhere } from '../../issues/cause.ts';
import { sqlEvidence } from '../../journal/evidence.ts';
import type { Journal } from '../../journal/journal.ts';
import { sqlLetters } from '../../journal/letters.ts';
import { sqlReplays, type ItemState, type Replays } from '../../journal/replays.ts';
import { witnessesOf } from '../../hub/replays.ts';
import { verdicts, type Verdict } from '../../replay/judge.ts';
import { makePlan } from '../../replay/plan.ts';
import { allowanceOf, approve, cancel, pause, planWith, resume, start } from '../../replay/run.ts';
import type { Plan } from '../../replay/state.ts';
import { itemOf, listOf, viewOf, type ReplayItem, type ReplayView } from '../../replay/view.ts';
import { answeringWith, idOf, invalid, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const page = 200;
const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const time = Type.String({ format: 'date-time' });
const filter = Type.Object(
  {
    flow: Type.Optional(word),
    code: Type.Optional(word),
    queue: Type.Optional(word),
    issue: Type.Optional(word),
    since: Type.Optional(time),
    until: Type.Optional(time),
  },
  { ...closed, minProperties: 1 },
);
const readPlan = reader(
  Type.Object(
    {
      ids: Type.Optional(Type.Array(word, { minItems: 1, maxItems: 10_000 })),
      filter: Type.Optional(filter),
      perSecond: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    },
    closed,
  ),
);
const readRun = reader(Type.Object({ include: Type.Optional(Type.Array(Type.Enum([...verdicts]))) }, closed));
const readNothing = reader(Type.Object({}, closed));
const readList = reader(Type.Object({ after: Type.Optional(word) }, closed));
const states = ['planned', 'out', 'waiting', 'sent', 'landed', 'failed', 'refused', 'cancelled'] as const;
const readItems = reader(
  Type.Object(
    {
      // What is longer is no integer to PostgreSQL.
      after: Type.Optional(Type.String({ pattern: '^[0-9]{1,9}$' })),
      verdict: Type.Optional(Type.Enum([...verdicts])),
      state: Type.Optional(Type.Enum([...states])),
    },
    closed,
  ),
);

/** Below `/tower/api/replays`. */
export function replaysRoutes(tower: Tower): Router {
  const answer = answeringWith(tower.hub.log, tower);
  const read = permitted('crossdock.read');
  const writes = [permitted('crossdock.replay'), onlyJson, express.json({ limit: '4mb' })];
  const router = Router();
  router.get('/', read, answer(list));
  router.get('/groups', read, answer(groups));
  router.get('/:id', read, answer(one));
  router.get('/:id/items', read, answer(items));
  router.post('/', writes, answer(plan));
  router.post('/:id/run', writes, answer(run));
  for (const [name, work] of Object.entries({ approve, pause, resume, cancel }))
    router.post(`/:id/${name}`, writes, answer(steering(name, work)));
  return router;
}

/** What pages look at and what a plan asks reads beside the hot path. */
const reads = ({ reader: { db } }: Tower): Replays => sqlReplays(db);

const told = ({ hub }: Tower, plan: Plan): Promise<ReplayView> => viewOf(hub.journal.replays, plan);

async function list(tower: Tower, { query }: Request) {
  const { after } = readList(query);
  return listOf(reads(tower), { limit: page, ...(after !== undefined && { after }) });
}

async function groups({ reader: { db } }: Tower) {
  return { rows: await sqlLetters(db).groups({ state: 'open' }) };
}

async function one(tower: Tower, request: Request): Promise<ReplayView> {
  return viewOf(reads(tower), await planWith(reads(tower), idOf(request)));
}

async function items(tower: Tower, request: Request): Promise<{ rows: ReplayItem[]; next?: string }> {
  const { after, verdict, state } = readItems(request.query);
  const rows = await reads(tower).items((await planWith(reads(tower), idOf(request))).id, {
    limit: page,
    ...(verdict !== undefined && { verdict }),
    ...(state !== undefined && { state: state as ItemState }),
    ...(after !== undefined && { after: Number(after) }),
  });
  const last = rows.length === page ? rows.at(-1) : undefined;
  return { rows: rows.map(itemOf), ...(last && { next: String(last.n) }) };
}

async function plan(tower: Tower, request: Request): Promise<ReplayView> {
  const { ids, filter: given, perSecond = 20 } = readPlan(request.body);
  if ((ids === undefined) === (given === undefined)) throw invalid('Say either ids or a filter');
  const { journal } = tower.hub;
  const { db } = tower.reader;
  const which: Which = ids ?? timed(given!);
  const of = ids ? '' : await wordsOf(journal, given!);
  const asked = { by: userOf(request), which, of, perSecond };
  const witnesses = { ...witnessesOf(tower.hub), evidence: sqlEvidence(db), replays: reads(tower) };
  const entry = { who: asked.by, act: 'replay.plan', object: 'replay', ...hashed('after', which) } as const;
  const make = () => makePlan({ letters: sqlLetters(db), replays: journal.replays }, witnesses, asked);
  return told(tower, await audited(journal.audit, entry, make, ({ id }) => ({ object: `replay/${id}` })));
}

async function run(tower: Tower, request: Request): Promise<ReplayView> {
  const { include = [] } = readRun(request.body);
  const { journal } = tower.hub;
  const id = idOf(request);
  const how = {
    by: userOf(request),
    include: include as Verdict[],
    allowance: allowanceOf(tower.environment),
  };
  const entry = { who: how.by, act: 'replay.run', object: `replay/${id}` } as const;
  return told(tower, await audited(journal.audit, entry, () => start(journal, id, how)));
}

function steering(name: string, work: typeof approve) {
  return async (tower: Tower, request: Request): Promise<ReplayView> => {
    readNothing(request.body);
    const { journal } = tower.hub;
    const [id, by] = [idOf(request), userOf(request)];
    const entry =
      name === 'approve'
        ? ({ who: by, act: 'replay.approve', object: `replay/${id}` } as const)
        : ({ who: by, act: 'replay.steer', object: `replay/${id} ${name}` } as const);
    return told(tower, await audited(journal.audit, entry, () => work(journal, id, by)));
  };
}

interface Filter {
  flow?: string;
  code?: string;
  queue?: string;
  issue?: string;
  since?: string;
  until?: string;
}

/** Times as the journal writes them, so that they compare. */
function timed({ since, until, ...same }: Filter): Exclude<Which, readonly string[]> {
  return {
    ...same,
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}

/** `order-to-odoo, ODOO_FAILED`. */
async function wordsOf(
  { issues }: Pick<Journal, 'issues'>,
  { issue, queue, ...filter }: Filter,
): Promise<string> {
  const ofIssue = issue === undefined ? [] : await wordsOfIssue(issues, issue);
  const own = queue === undefined || queue === filter.flow ? [] : [queue];
  return [...ofIssue, ...Object.values(filter), ...own].join(', ');
}

/** Also of one that appeared a moment ago, of which only its letters tell. */
async function wordsOfIssue(issues: Journal['issues'], id: string): Promise<string[]> {
  const [row] = await issues.rows([id]);
  const [one] = row ? [row] : await issues.letters(id);
  if (!one) return [];
  const { flow, code, partner } = one;
  return (isEverywhere(code) ? [code] : [flow, code, partner]).filter((word) => word !== '');
}
