/** The tower's page of reconciliations: the runs that are kept, what each found, and what people say of that. */
import express, { Router } from 'express';
import Type from 'typebox';
import { sqlDocuments } from '../../journal/documents.ts';
import { breakCalled } from '../../reconcile/break-called.ts';
import { acceptAudited, decisionsOf, explainAudited, stateOf } from '../../reconcile/decisions.ts';
import { issueOfBreak } from '../../reconcile/open-breaks.ts';
import { isDue } from '../../reconcile/reconcile.ts';
import type { SealedRun } from '../../reconcile/run.ts';
import { keptRun, listRuns } from '../../reconcile/kept-runs.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const readWhich = reader(Type.Object({ id: Type.String({ minLength: 1 }) }, { additionalProperties: false }));
const readExplained = reader(
  Type.Object(
    { id: Type.String({ minLength: 1 }), why: Type.String({ minLength: 1, maxLength: 2000 }) },
    { additionalProperties: false },
  ),
);
/** As many as a person chooses from. */
const mostRuns = 50;

/** Below `/tower/api/reconciliation`. */
export function reconciliationRoutes({ hub, reader: { db } }: Tower): Router {
  const documents = sqlDocuments(db, () => new Date());
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async () => ({ rows: await listRuns(documents, mostRuns) })),
  );
  router.get(
    '/run',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }) => {
      const { run, signature } = JSON.parse(await keptRun(documents, readWhich(query).id)) as SealedRun;
      const { scope, orders, totals, counts } = run;
      // What single lines are worth is data of messages.
      const decisions = await decisionsOf(documents, run.breaks);
      const breaks = run.breaks.map(({ lines: _lines, ...one }) => {
        const decision = decisions.get(one.id);
        const issue = isDue(one) && { issue: issueOfBreak(one) };
        return { ...one, ...decision, ...issue, state: stateOf(decision) };
      });
      return { scope, orders, totals, counts, breaks, key: signature.key };
    }),
  );
  const body = [onlyJson, express.json({ limit: '20kb' })];
  router.post(
    '/explain',
    permitted('crossdock.work'),
    body,
    answering(hub.log, async (request) => {
      const { id, why } = readExplained(request.body);
      const one = await breakCalled(documents, id);
      await explainAudited(hub.journal, one, { by: userOf(request), why }, new Date());
      return {};
    }),
  );
  router.post(
    '/accept',
    permitted('crossdock.settle'),
    body,
    answering(hub.log, async (request) => {
      const one = await breakCalled(documents, readWhich(request.body).id);
      await acceptAudited(hub.journal, one, userOf(request), new Date());
      return {};
    }),
  );
  return router;
}
