/** The work queue's calls: issues, the letters and processes of each, and what people decide about them. */
import express, { Router, type Request } from 'express';
import Type from 'typebox';
import { discard } from '../../dead/discard.ts';
import { sqlIssues, type LetterLine } from '../../journal/issues.ts';
import { issueStates, type IssueEvent } from '../../journal/tables.ts';
import { sqlDocuments } from '../../journal/documents.ts';
import { openBreaks, type OpenBreak } from '../../reconcile/open-breaks.ts';
import { keepIssues } from '../../tower/issue-keeping.ts';
import { actOn, issueNamed, type Acting } from '../../tower/issue-actions.ts';
import { listIssues, sharedIssues, type IssueFilter } from '../../tower/issue-list.ts';
import { casesOf, type Issue, type ProcessCase, type Queue } from '../../tower/issues.ts';
import { regularly, type Regularly } from '../../limits/regularly.ts';
import { acting } from '../audit-act.ts';
import { answeringWith, idOf, invalid, onlyJson, permitted, reader, userOf } from '../routes.ts';
import { teamsOf } from './me.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 500 });
const maybe = Type.Optional(word);
const time = Type.String({ format: 'date-time' });

const readQuery = reader(
  Type.Object(
    {
      /** A team, `mine`, or `all`. */
      team: maybe,
      state: Type.Optional(Type.Enum([...issueStates, 'active', 'all'])),
      person: maybe,
      flow: maybe,
      code: maybe,
      partner: maybe,
      late: Type.Optional(Type.Literal('yes')),
      after: maybe,
    },
    closed,
  ),
);
/** A break is its own place, and names all its documents. */
const readAfter = reader(
  Type.Object({ after: Type.Optional(Type.String({ minLength: 1, maxLength: 4000 })) }, closed),
);
const readAct = reader(
  Type.Object(
    {
      revision: Type.Integer({ minimum: 0 }),
      act: Type.Union([
        Type.Object({ do: Type.Enum(['acknowledge', 'resume']) }, closed),
        Type.Object(
          {
            do: Type.Literal('assign'),
            person: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
            team: Type.Optional(Type.Union([Type.String({ maxLength: 100 }), Type.Null()])),
          },
          closed,
        ),
        Type.Object({ do: Type.Literal('wait'), on: Type.String({ maxLength: 200 }), until: time }, closed),
        Type.Object(
          { do: Type.Literal('mute'), reason: Type.String({ maxLength: 500 }), until: time },
          closed,
        ),
        Type.Object({ do: Type.Literal('note'), text: Type.String({ maxLength: 2000 }) }, closed),
      ]),
    },
    closed,
  ),
);
const readDiscard = reader(Type.Object({ reason: word }, closed));

export interface IssueList {
  rows: Issue[];
  next?: string;
}

export interface Teams {
  rows: { team: string; summary: string }[];
}

export interface IssueWhole {
  issue: Issue;
  events: IssueEvent[];
}

/** A letter, a process or a break of an issue. */
export type IssueCase =
  | ({ of: 'break' } & Omit<OpenBreak, 'issue' | 'repair' | 'heard'>)
  | ({ of: 'letter' } & Omit<LetterLine, 'facts' | 'issue'>)
  | ({ of: 'process' } & Omit<ProcessCase, 'facts' | 'issue'>);

export interface IssueCases {
  rows: IssueCase[];
  next?: string;
}

/** Letters of one call that discards. */
const mostAtOnce = 200;

export function actingOf({ hub, reader: { db } }: Tower): Acting {
  return {
    queue: {
      issues: sqlIssues(db),
      breaks: () => openBreaks(sqlDocuments(db, () => new Date())),
      ownership: hub.ownership,
      tiers: hub.tiers,
    },
    write: hub.journal.issues,
  };
}

interface IssueCalls extends Tower {
  shared: ReturnType<typeof sharedIssues>;
}

/** Below `/tower/api/issues`. */
export function issuesRoutes(tower: Tower): Router {
  const answer = answeringWith<IssueCalls>(tower.hub.log, { ...tower, shared: sharedIssues() });
  const read = permitted('crossdock.read');
  const body = [onlyJson, express.json({ limit: '20kb' })];
  const acts = acting('issue.act', (request) => {
    const { act } = Object(request.body) as { act?: { do?: unknown } };
    return { object: `issue/${idOf(request)} ${String(Object(act).do).slice(0, 20)}`, reason: act };
  });
  const router = Router();
  router.get('/', read, answer(list));
  router.get('/teams', read, answer(teams));
  router.get('/:id', read, answer(one));
  router.get('/:id/letters', read, answer(cases));
  router.post('/:id/act', permitted('crossdock.work'), body, acts, answer(act));
  router.post('/:id/discard', permitted('crossdock.discard'), body, answer(discardOpen));
  return router;
}

async function list(calls: IssueCalls, request: Request): Promise<IssueList> {
  const { team = 'mine', ...asked } = readQuery(request.query);
  const mine = teamsOf(request);
  const teams = team === 'mine' ? mine : team === 'all' ? [] : [team];
  const filter = { ...asked, teams } as IssueFilter;
  return listIssues(actingOf(calls).queue, filter, new Date(), calls.shared.live);
}

async function teams({ hub }: IssueCalls): Promise<Teams> {
  return { rows: [...hub.ownership.teams].map(([team, { summary }]) => ({ team, summary })) };
}

async function one(calls: IssueCalls, request: Request): Promise<IssueWhole> {
  return whole(actingOf(calls), idOf(request));
}

async function whole({ queue, write }: Acting, id: string): Promise<IssueWhole> {
  return { issue: await issueNamed(queue, id, new Date()), events: await write.events(id) };
}

async function cases(calls: IssueCalls, request: Request): Promise<IssueCases> {
  return casesOfIssue(actingOf(calls).queue, idOf(request), readAfter(request.query));
}

async function act(calls: IssueCalls, request: Request): Promise<IssueWhole> {
  const { revision, act } = readAct(request.body);
  const id = idOf(request);
  const acting = actingOf(calls);
  await actOn(acting, { id, revision, by: userOf(request) }, act, new Date());
  calls.shared.forget();
  return whole(acting, id);
}

async function discardOpen(calls: IssueCalls, request: Request) {
  const { reason } = readDiscard(request.body);
  const letters = await actingOf(calls).queue.issues.letters(idOf(request));
  const open = letters.filter(({ state }) => state === 'open');
  const ids = open.slice(0, mostAtOnce).map(({ id }) => id);
  if (ids.length === 0) throw invalid('No exception of this issue is open');
  const results = await discard(calls.hub, ids, { by: userOf(request), reason });
  calls.shared.forget();
  const discarded = results.filter(({ done }) => done).length;
  return { discarded, refused: results.length - discarded, more: open.length > ids.length, results };
}

async function casesOfIssue(
  { issues, breaks: readBreaks }: Queue,
  id: string,
  { after }: { after?: string },
): Promise<IssueCases> {
  const breaks = (await readBreaks()).filter(({ issue }) => issue === id);
  if (breaks.length > 0) return breakCases(breaks, after);
  const slash = after?.indexOf('/') ?? -1;
  if (after !== undefined && slash < 1) throw invalid(`${after} is no place in the list`);
  const place = after && { last_failed: after.slice(0, slash), id: after.slice(slash + 1) };
  const letters = await issues.lettersOf(id, place || undefined, mostAtOnce);
  const last = letters.length === mostAtOnce ? letters.at(-1) : undefined;
  const processes = letters.length > 0 || place ? [] : (await issues.processes()).flatMap(casesOf);
  return {
    rows: [
      ...letters.map(({ facts: _facts, issue: _issue, ...line }) => ({ of: 'letter' as const, ...line })),
      ...processes
        .filter(({ issue }) => issue === id)
        .slice(0, 1000)
        .map(({ facts: _facts, issue: _issue, ...one }) => ({ of: 'process' as const, ...one })),
    ],
    ...(last && { next: `${last.last_failed}/${last.id}` }),
  };
}

/** In the order of their ids, which are their places too. */
function breakCases(breaks: readonly OpenBreak[], after = ''): IssueCases {
  const rest = breaks.filter(({ id }) => id > after);
  const rows = rest
    .slice(0, mostAtOnce)
    .map(({ issue: _issue, repair: _repair, heard: _heard, ...one }) => ({ of: 'break' as const, ...one }));
  const last = rest.length > rows.length ? rows.at(-1) : undefined;
  return { rows, ...(last && { next: last.id }) };
}

const keepMs = 15_000;

/** From time to time, until its end. */
export function keepingIssues(tower: Tower): Regularly {
  return regularly(
    keepMs,
    () => keepIssues(actingOf(tower), new Date()),
    (error) => tower.hub.log.warn({ err: error }, 'Issues are kept later'),
  );
}
