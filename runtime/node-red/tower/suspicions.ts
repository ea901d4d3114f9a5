/** What is unusual: the list, and what people say of it. */
import express, { Router } from 'express';
import Type from 'typebox';
import { sqlDocuments } from '../../journal/documents.ts';
import { detectors, judge, keptSuspicions, unmute } from '../../suspicions/kept.ts';
import { acting, wordOf } from '../audit-act.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 200 });
const readJudged = reader(Type.Object({ id: word, useful: Type.Boolean() }, closed));
const readDetector = reader(Type.Object({ kind: word, partner: word }, closed));

/** Below `/tower/api/suspicions`. Numbers and names only: no data of a message but what an article is worth. */
export function suspicionsRoutes({ hub, reader: { db } }: Tower): Router {
  const documents = sqlDocuments(db, () => new Date());
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({
      rows: await keptSuspicions(documents),
      muted: (await detectors(documents)).filter((one) => one.muted !== undefined),
    })),
  );
  const deciding = [permitted('crossdock.work'), onlyJson, express.json({ limit: '20kb' })];
  router.post(
    '/judge',
    deciding,
    acting('suspicion.judge', (request) => ({
      object: `suspicion/${wordOf(request, 'id')}`,
      after: request.body,
    })),
    answering(hub.log, async (request) => {
      const { id, useful } = readJudged(request.body);
      await judge(hub.journal.documents, id, { useful, by: userOf(request) }, new Date());
      return {};
    }),
  );
  router.post(
    '/unmute',
    deciding,
    acting('suspicion.judge', (request) => ({
      object: `detector/${wordOf(request, 'kind')}/${wordOf(request, 'partner')}`,
    })),
    answering(hub.log, async (request) => {
      await unmute(hub.journal.documents, { ...readDetector(request.body), by: userOf(request) }, new Date());
      return {};
    }),
  );
  return router;
}
