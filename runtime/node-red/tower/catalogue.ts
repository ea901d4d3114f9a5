/** The workspace's calls about the catalogue: what there is, and taking of it. */
import { Router } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import { acting, wordOf } from '../audit-act.ts';
import { answering, onlyJson, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readName = reader(
  Type.Object({ name: Type.String({ minLength: 1, maxLength: 100 }) }, { additionalProperties: false }),
);

/** Below `/tower/api/catalogue`. */
export function catalogueRoutes({ hub, here, catalogue }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, () => catalogue.offers()),
  );
  router.post(
    '/add',
    permitted('crossdock.author'),
    onlyJson,
    acting('file.save', (request) => ({ object: `catalogue/${wordOf(request, 'name')}` })),
    answering(hub.log, (request) => {
      const { name } = readName(request.body);
      if (!here.authored())
        throw new CodedError('RELEASE_RUNNING', 'Take it on the hub where flows are made');
      return catalogue.add(name, here.take);
    }),
  );
  return router;
}
