/** The tower's calls about the audit: its rows, the chain's state, and all of it as a file. */
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import Type from 'typebox';
import { acts } from '../../audit/acts.ts';
import { audited, hashed } from '../../audit/audited.ts';
import { isAsWritten, type AuditRow, type Link } from '../../audit/chain.ts';
import { csvLine, jsonLine } from '../../audit/trail/export.ts';
import { actingFrom } from '../../audit/from.ts';
import {
  checkpointsHere,
  compared,
  keepVerified,
  lastVerified,
  outsideOf,
  type Outside,
  type SinkState,
  type Verified,
} from '../../audit/trail/outside.ts';
import { erasedAfter, spanOf, stateOf, type SealState } from '../../audit/trail/seal.ts';
import { effectsOf } from '../../audit/trail/steps.ts';
import { verifiedAside } from '../../audit/trail/thread.ts';
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import { auditReader, type Which } from '../../journal/audit.ts';
import { sqlDocuments, type Documents } from '../../journal/documents.ts';
import { refuse } from '../refuse.ts';
import { answering, answeringWith, onlyJson, originOf, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 300 });
const time = Type.String({ format: 'date-time' });
const place = Type.String({ pattern: '^[1-9][0-9]{0,14}$' });
const filters = {
  who: Type.Optional(word),
  act: Type.Optional(Type.Enum([...acts])),
  object: Type.Optional(word),
  from: Type.Optional(word),
  outcome: Type.Optional(Type.Enum(['begun', 'done', 'failed'])),
  since: Type.Optional(time),
  until: Type.Optional(time),
};
const readList = reader(Type.Object({ ...filters, after: Type.Optional(place) }, closed));
const readExport = reader(Type.Object({ ...filters, format: Type.Enum(['csv', 'ndjson']) }, closed));
const readRow = reader(Type.Object({ sequence: place }, closed));
const readSteps = reader(Type.Object({ sequence: place, after: Type.Optional(place) }, closed));
const readNothing = reader(Type.Object({}, closed));

const inAPage = 200;
const inAPiece = 1000;

export interface RowView {
  row: AuditRow;
  /** Its hash is that of what it says. */
  asWritten: boolean;
  /** The hash of the row before is the one that it names; undefined where that row is gone. */
  follows?: boolean;
  /** Of a seal: whether the steps are those that it sealed. */
  seal?: SealState;
}

export interface ChainView {
  last: Link;
  verified?: Verified;
  /** Somebody has it read now. */
  running: boolean;
  places: (SinkState & { agrees?: boolean })[];
  broken?: Outside['broken'];
  /** Whether any place outside is set. */
  outside: boolean;
}

/** What the calls read: the rows, and what was said of them elsewhere. */
interface Books {
  db: Tower['reader']['db'];
  audit: ReturnType<typeof auditReader>;
  documents: Documents;
}

/** Below `/tower/api/audit`. */
export function auditRoutes(tower: Tower): Router {
  const { log } = tower.hub;
  const { db } = tower.reader;
  const books: Books = { db, audit: auditReader(db), documents: sqlDocuments(db, () => new Date()) };
  const verifying = verifyingOf(tower, books);
  const may = permitted('crossdock.audit');
  const answer = answeringWith(log, books);
  const chain = (): Promise<ChainView> => chainOf(books, verifying.running);
  const router = Router();
  router.get('/', may, answer(list));
  router.get('/row', may, answer(oneRow));
  router.get('/steps', may, answer(stepsOfSeal));
  router.get('/chain', may, answering(log, chain));
  router.post(
    '/verify',
    may,
    onlyJson,
    express.json({ limit: '1kb' }),
    answering(log, async (request) => {
      readNothing(request.body);
      await verifying.begin(userOf(request));
      return chain();
    }),
  );
  router.get('/export', may, exporting(tower.hub.journal, books));
  return router;
}

async function list({ audit }: Books, { query }: Request) {
  const { after, ...asked } = readList(query);
  const rows = await audit.newest(inAPage, {
    ...whichOf(asked),
    ...(after && { before: Number(after) }),
  });
  const last = rows.length === inAPage ? rows.at(-1) : undefined;
  return { rows, ...(last && { next: String(last.sequence) }) };
}

async function oneRow({ db, audit }: Books, { query }: Request): Promise<RowView> {
  const sequence = Number(readRow(query).sequence);
  const [one, two] = await audit.after(Math.max(0, sequence - 2), 2);
  const row = [one, two].find((found) => found?.sequence === sequence);
  if (!row) throw new CodedError('AUDIT_ROW_UNKNOWN', `The audit has no row ${sequence}`, { row: sequence });
  const before = one?.sequence === sequence - 1 ? one : undefined;
  const first = sequence === 1 ? /^sha256:0{64}$/.test(row.previous) : undefined;
  const follows = before ? before.hash === row.previous : first;
  const seal = await stateOf(db, row, () => erasedAfter(audit, sequence));
  return {
    row,
    asWritten: isAsWritten(row),
    ...(follows !== undefined && { follows }),
    ...(seal && { seal }),
  };
}

/** What was done in the hour of a seal, by the number of its row. */
async function stepsOfSeal({ db, audit }: Books, { query }: Request) {
  const { sequence, after = '0' } = readSteps(query);
  const [row] = await audit.after(Number(sequence) - 1, 1);
  const span = row && spanOf(row);
  if (!span || row.sequence !== Number(sequence))
    throw new CodedError('AUDIT_ROW_UNKNOWN', `Row ${sequence} seals no steps`, { row: sequence });
  const rows = await effectsOf(db, span, { limit: inAPage, skip: Number(after) });
  return { rows, ...(rows.length === inAPage && { next: String(Number(after) + inAPage) }) };
}

async function chainOf({ audit, documents }: Books, running: () => boolean): Promise<ChainView> {
  const [last, verified, outside] = await Promise.all([
    audit.last(),
    lastVerified(documents),
    outsideOf(documents),
  ]);
  return {
    last: { sequence: last.sequence, hash: last.hash },
    ...(verified && { verified }),
    running: running(),
    places: await compared(outside, audit),
    ...(outside.broken && { broken: outside.broken }),
    outside: outside.places.length > 0,
  };
}

/** However many ask, the chain is read once at a time. */
function verifyingOf({ hub, dataDir }: Tower, { audit, documents }: Books) {
  const { log, journal, profile } = hub;
  let running: Promise<void> | undefined;
  return {
    running: () => running !== undefined,
    /** The row about it is written before. */
    async begin(by: string): Promise<void> {
      if (running) return;
      const last = await audit.last();
      const entry = { who: by, act: 'audit.verify', object: `audit/${last.sequence}` } as const;
      await audited(journal.audit, entry, async () => {
        running ??= verify(by).finally(() => (running = undefined));
      });
    },
  };

  /** What it finds is kept; why it could not look is in the log. */
  async function verify(by: string): Promise<void> {
    try {
      const checkpoints = await checkpointsHere(documents, { dataDir, env: process.env });
      const verdict = await verifiedAside({ profile, dataDir, checkpoints });
      const at = new Date().toISOString();
      await keepVerified(journal.documents, { ...verdict, at, by, compared: checkpoints.length });
      if (verdict.bad) log.error({ row: verdict.bad.sequence }, 'THE AUDIT WAS CHANGED');
    } catch (error) {
      log.warn({ err: error }, 'The audit could not be read');
    }
  }
}

/** The row about it is written before any leaves. */
function exporting(journal: Tower['hub']['journal'], { audit }: Books): RequestHandler {
  return (request, response) => {
    actingFrom(originOf(request), async () => {
      const { format, ...asked } = readExport(request.query);
      const { sequence } = await audit.last();
      const entry = {
        who: userOf(request),
        act: 'audit.export',
        object: `audit/${sequence} ${format}`,
      } as const;
      await audited(journal.audit, { ...entry, ...hashed('reason', asked) }, async () => {});
      response.setHeader(
        'Content-Type',
        format === 'csv' ? 'text/csv; charset=utf-8' : 'application/x-ndjson',
      );
      response.setHeader('Content-Disposition', `attachment; filename="audit-${sequence}.${format}"`);
      await writeRows(response, audit, whichOf(asked), format);
    }).catch((error: unknown) => {
      const { code, message } = asCoded(error);
      // What has begun cannot say that it failed but by breaking off.
      if (response.headersSent) response.destroy();
      else refuse(response, code, message);
    });
  };
}

/** A piece at a time, the oldest first. */
async function writeRows(
  response: Response,
  audit: Books['audit'],
  which: Which,
  format: 'csv' | 'ndjson',
): Promise<void> {
  let at = 0;
  for (let heading = true; !response.destroyed; heading = false) {
    const rows = await audit.after(at, inAPiece, which);
    const lines = rows.map((row, n) => (format === 'csv' ? csvLine(row, heading && n === 0) : jsonLine(row)));
    if (!response.write(lines.join(''))) await drained(response);
    if (rows.length < inAPiece) break;
    at = rows.at(-1)!.sequence;
  }
  response.end();
}

function whichOf({ object, from, since, until, ...same }: Omit<ReturnType<typeof readList>, 'after'>): Which {
  return {
    ...(same as Which),
    ...(object !== undefined && { objectHas: object }),
    ...(from !== undefined && { fromHas: from }),
    ...(since !== undefined && { since: new Date(since).toISOString() }),
    ...(until !== undefined && { until: new Date(until).toISOString() }),
  };
}

/** Also where nobody reads any more. */
function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}
