/** The API of what a setting can name; the node forms of the editor ask it. */
import { Router } from 'express';
import Type from 'typebox';
import { choicesFor, refersTo, type Choices } from '../../workspace/choices.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const readChoices = reader(
  Type.Object(
    { kind: Type.Enum([...refersTo]), of: Type.Optional(Type.String({ maxLength: 200 })) },
    { additionalProperties: false },
  ),
);

/** Below `/tower/api/choices`. */
export function choicesRoutes({ hub, environment, here }: Tower): Router {
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }): Promise<Choices> => {
      const { kind, of } = readChoices(query);
      const [odoo] = hub.odoos;
      const nodes = (await here.flows()).flatMap((file) => file.nodes);
      return choicesFor(kind, { ...definitionsOf(hub), environment, env: process.env, nodes, odoo }, of);
    }),
  );
  return router;
}

const definitionsOf = ({
  definitionsDir,
  catalogue,
  processes,
  policies,
  partners,
  authority,
}: Tower['hub']) => ({
  definitionsDir,
  catalogue,
  processes,
  policies,
  partners,
  authority,
});
