/** What is known about an issue, and what helped about the same before. */
import { Router } from 'express';
import { issueNamed } from '../../tower/issue-actions.ts';
import { triageOf, type Triage } from '../../triage/triage.ts';
import { answering, permitted } from '../routes.ts';
import { actingOf } from './issues.ts';
import type { Tower } from './tower.ts';

export type TriageView = Triage;

/** Below `/tower/api/triage`. */
export function triageRoutes(tower: Tower): Router {
  const { hub, reader } = tower;
  const router = Router();
  router.get(
    '/:id',
    permitted('crossdock.read'),
    answering(hub.log, async ({ params }) => {
      const issue = await issueNamed(actingOf(tower).queue, String(params['id']), new Date());
      return (await triageOf(reader.db, issue)) satisfies TriageView;
    }),
  );
  return router;
}
