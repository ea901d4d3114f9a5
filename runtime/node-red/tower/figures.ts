/** The figures of the business. */
import { Router } from 'express';
import Type from 'typebox';
import { spans, type Span } from '../../figures/figures.ts';
import { countedAside, figuresKept } from '../../figures/thread.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readQuery = reader(
  Type.Object(
    { days: Type.Optional(Type.Enum(spans.map((span) => String(span)))) },
    { additionalProperties: false },
  ),
);

/** Below `/tower/api/figures`. Names and counts only: no data of a message. */
export function figuresRoutes(tower: Tower): Router {
  const { hub, here, dataDir } = tower;
  const kept = figuresKept((span) =>
    countedAside({ profile: hub.profile, dataDir, definitionsDir: here.now().definitionsDir, span }),
  );
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, ({ query }) => kept(Number(readQuery(query).days ?? 30) as Span)),
  );
  return router;
}
