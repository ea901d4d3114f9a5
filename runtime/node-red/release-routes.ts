/** The admin API of releases: what runs here, what waits, and promotions from other hubs. */
import express, { Router, type Request } from 'express';
import Type from 'typebox';
import type { Log } from '../log/log.ts';
import type { Proposals } from '../journal/proposals.ts';
import { setOf } from '../release/bundle.ts';
import { readFileSet, withoutMessages, type FileSet } from '../flow-file/file-set.ts';
import type { Target } from '../release/target.ts';
import { settleProposals } from '../dead/proposals.ts';
import type { ValueMaps } from '../values/value-maps.ts';
import { answering, onlyJson, permitted, reader, uncached, userOf } from './routes.ts';
import { may } from './tower/me.ts';
import type { ProjectDirs } from './switcher.ts';

export interface ReleaseRoutesOptions {
  target: Target;
  /** What runs when no release does. */
  own: ProjectDirs;
  environment: string;
  /** Entries of value maps that wait for a release which has them. */
  proposals: Proposals;
  values(): Pick<ValueMaps, 'find' | 'names'>;
  log: Log;
}

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1 });
const readPromotion = reader(
  Type.Object({ bundle: word, by: Type.Optional(word), glass: Type.Optional(word) }, closed),
);
const readApproval = reader(Type.Object({ id: word }, closed));
const readRollback = reader(Type.Object({ version: Type.Optional(word), by: Type.Optional(word) }, closed));

/** Below `/crossdock/releases`. */
export function releaseRoutes(options: ReleaseRoutesOptions): Router {
  const { target, own, environment, proposals, log } = options;
  const router = Router();
  const json = [onlyJson, express.json({ limit: '50mb' })];
  router.use(uncached);
  router.get(
    '/status',
    permitted('crossdock.read'),
    answering(log, () => target.status()),
  );
  router.get(
    '/running',
    permitted('crossdock.read'),
    answering(log, async (request) => {
      const bundle = await target.running();
      const all: FileSet = bundle ? setOf(bundle) : await readFileSet(own.flowsDir, own.definitionsDir);
      const messages = may(request, 'crossdock.data');
      const files = messages ? all : withoutMessages(all);
      const released = bundle && { version: bundle.manifest.version, digest: bundle.digest };
      return { environment, ...released, messages, files: Object.fromEntries(files) };
    }),
  );
  router.get(
    '/proposals',
    permitted('crossdock.read'),
    answering(log, async () => {
      await settleProposals(proposals, options.values());
      return { rows: await proposals.list('waiting') };
    }),
  );
  router.post(
    '/promotions',
    permitted('crossdock.promote'),
    ...json,
    answering(log, (request) => {
      const { bundle, by, glass } = readPromotion(request.body);
      return target.promote({ bundle, overrideReason: glass, by: whoOf(request, by) });
    }),
  );
  router.post(
    '/approvals',
    permitted('crossdock.approve'),
    ...json,
    answering(log, (request) => target.approve(readApproval(request.body).id, userOf(request))),
  );
  router.post(
    '/rollback',
    permitted('crossdock.promote'),
    ...json,
    answering(log, (request) => {
      const { version, by } = readRollback(request.body);
      return target.rollback(whoOf(request, by), version);
    }),
  );
  return router;
}

/** A person is who logged in. Another hub speaks by its token for the person it names. */
function whoOf(request: Request, by: string | undefined): string {
  const user = userOf(request);
  return user.startsWith('token:') && by ? by : user;
}
