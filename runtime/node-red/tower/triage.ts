/** What is known about an issue, what helped about the same before, and drafts of a language model where these are on. */
import express, { Router } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import type { Hub } from '../../hub/hub.ts';
import { issueNamed } from '../../tower/issue-actions.ts';
import { languages } from '../../triage/ask.ts';
import { lastDraft, type Draft } from '../../triage/drafts.ts';
import type { Named } from '../../triage/material.ts';
import { subjectOf } from '../../triage/subject.ts';
import { triageOf, type Triage } from '../../triage/triage.ts';
import { acting } from '../audit-act.ts';
import { answering, idOf, onlyJson, permitted, reader as bodyOf, userOf } from '../routes.ts';
import { actingOf } from './issues.ts';
import type { Here, Tower } from './tower.ts';

export interface TriageView extends Triage {
  draft?: Draft;
  /** The model that writes drafts here; without it none is asked for. */
  model?: string;
}

const readAsked = bodyOf(
  Type.Object({ language: Type.Enum([...languages]) }, { additionalProperties: false }),
);

/** Below `/tower/api/triage`. */
export function triageRoutes(tower: Tower): Router {
  const { hub, reader, here, drafter } = tower;
  const router = Router();
  router.get(
    '/:id',
    permitted('crossdock.read'),
    answering(hub.log, async (request) => {
      const { queue } = actingOf(tower);
      const issue = await issueNamed(queue, idOf(request), new Date());
      const [triage, draft] = await Promise.all([
        triageOf(reader.db, issue),
        lastDraft(hub.journal.documents, issue.id),
      ]);
      const model = drafter && { model: drafter.model };
      return { ...triage, ...(draft && { draft }), ...model } satisfies TriageView;
    }),
  );
  router.post(
    '/:id/draft',
    permitted('crossdock.work'),
    onlyJson,
    express.json({ limit: '1kb' }),
    acting('triage.draft', (request) => ({ object: `issue/${idOf(request)}` })),
    answering(hub.log, async (request) => {
      const { language } = readAsked(request.body);
      if (!drafter) throw new CodedError('TRIAGE_OFF', 'This hub asks no language model');
      const { queue } = actingOf(tower);
      const issue = await issueNamed(queue, idOf(request), new Date());
      return drafter.draft({
        by: userOf(request),
        language,
        subject: () => subjectOf(reader.db, queue.issues, issue),
        named: () => namedIn(hub, here),
      });
    }),
  );
  return router;
}

async function namedIn({ values, processes }: Hub, here: Here): Promise<Named> {
  const files = await here.flows();
  const nodes = files.flatMap((file) => file.nodes);
  const tabs = nodes.filter(({ type }) => type === 'tab');
  return {
    flows: new Map(
      tabs.map(({ id, label }) => {
        const inside = nodes.filter(({ z }) => z === id);
        return [String(label), new Map(inside.map(({ name, type }) => [String(name), type]))];
      }),
    ),
    maps: new Set(values.names),
    processes: new Map([...processes].map(([process, { steps }]) => [process, new Set(Object.keys(steps))])),
  };
}
