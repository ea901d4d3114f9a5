/** The admin API of the hub where flows are made: what changed, tests, cutting and sending releases. */
import express, { Router, type Request } from 'express';
import Type from 'typebox';
import { cutting, sending } from '../authoring/audited.ts';
import type { Auditing } from '../audit/audited.ts';
import { bumpOf } from '../diff/change.ts';
import type { Log } from '../log/log.ts';
import type { Author, Edit } from '../authoring/author.ts';
import type { Bundle } from '../release/bundle.ts';
import type { EditorUser } from './roles.ts';
import { answering, onlyJson, permitted, reader, uncached, userOf } from './routes.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const readCut = reader(
  Type.Object({ version: Type.Optional(word), note: Type.Optional(Type.String()) }, closed),
);
const readSend = reader(Type.Object({ version: word, to: word, glass: Type.Optional(word) }, closed));

/** Below `/crossdock/author`. */
export function authorRoutes(
  author: Author,
  { edits, audit, log }: { edits: () => Promise<Edit[]>; audit: Auditing; log: Log },
): Router {
  const router = Router();
  const json = [onlyJson, express.json({ limit: '100kb' })];
  router.use(uncached);
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(log, async () => {
      const { version, changes, findings, previous } = await author.proposal();
      const errors = findings.filter(({ severity }) => severity === 'error').length;
      return {
        ...(previous && { last: previous.manifest.version }),
        next: version,
        bump: previous ? bumpOf(changes) : 'first',
        changes,
        lint: { errors, warnings: findings.length - errors },
        edits: await edits(),
        releases: (await author.releases()).slice(0, 20).map(summary),
        targets: author.targets(),
      };
    }),
  );
  router.post(
    '/tests',
    permitted('crossdock.cut'),
    onlyJson,
    answering(log, () => author.test()),
  );
  router.post(
    '/releases',
    permitted('crossdock.cut'),
    ...json,
    answering(log, async (request) =>
      summary(await cutting(audit, author, { ...readCut(request.body), by: authorOf(request) })),
    ),
  );
  router.post(
    '/sent',
    permitted('crossdock.cut'),
    ...json,
    answering(log, (request) => {
      const { version, to, glass } = readSend(request.body);
      return sending(audit, author, { version, to, by: authorOf(request), overrideReason: glass });
    }),
  );
  return router;
}

/** A person, also where a token cuts for them. */
function authorOf(request: Request): string {
  return (request as { user?: EditorUser }).user?.author ?? userOf(request);
}

function summary({ manifest, digest }: Bundle): object {
  const { version, author, created, changelog } = manifest;
  return { version, author, created, changelog, digest };
}
