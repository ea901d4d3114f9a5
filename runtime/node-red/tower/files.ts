/** The workspace's calls about files of definitions and flows: read, checked and saved. */
import { Router, type Request, type RequestHandler } from 'express';
import Type from 'typebox';
import { checkFiles, listFiles, readFile, saveFiles, textWith } from '../../workspace/files.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { holdsMessages } from '../../flow-file/file-set.ts';
import { acting, filesOf } from '../audit-act.ts';
import { auditRead } from '../audit-read.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import { may } from './me.ts';
import { givesRights } from './rights.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const path = Type.String({ minLength: 1, maxLength: 300 });
const readUnder = reader(Type.Object({ under: Type.Optional(path) }, closed));
const readPath = reader(Type.Object({ path }, closed));
const readText = reader(Type.Object({ path, text: Type.String(), value: Type.Unknown() }, closed));
const readChanges = reader(
  Type.Object(
    {
      files: Type.Array(
        Type.Object(
          { path, text: Type.Union([Type.String(), Type.Null()]), revision: Type.String() },
          closed,
        ),
        { minItems: 1, maxItems: 50 },
      ),
    },
    closed,
  ),
);

/** Below `/tower/api/files`. */
export function filesRoutes({ hub, here }: Tower): Router {
  const router = Router();
  const answer = (work: (request: Request) => Promise<unknown>): RequestHandler => answering(hub.log, work);
  const author = permitted('crossdock.author');

  router.get(
    '/',
    permitted('crossdock.read'),
    answer(async ({ query }) => ({ paths: await listFiles(here, readUnder(query).under) })),
  );
  router.get(
    '/one',
    permitted('crossdock.read'),
    answer(async (request) => {
      const { path: wanted } = readPath(request.query);
      if (holdsMessages(wanted) && !may(request, 'crossdock.data'))
        throw new CodedError('PERMISSION_MISSING', 'Your role has no permission crossdock.data');
      if (holdsMessages(wanted)) await auditRead(request, `file/${wanted}`);
      return readFile(here, wanted);
    }),
  );
  // The text that says something else, for who edits a form or a table.
  router.post(
    '/text',
    author,
    onlyJson,
    answer(async ({ body }) => {
      const { path, text, value } = readText(body);
      return { text: textWith(path, text, value) };
    }),
  );
  router.post(
    '/check',
    author,
    onlyJson,
    answer(async (request) => checkFiles(here, await changesOf(request))),
  );
  router.post(
    '/save',
    author,
    onlyJson,
    acting('file.save', ({ body }) => {
      const { files = [] } = Object(body) as { files?: { path?: unknown; text?: unknown }[] };
      const given = Array.isArray(files) ? files : [];
      const texts = given.map((one) => [String(Object(one).path), Object(one).text]);
      return { object: filesOf(texts.map(([path]) => String(path))), after: texts };
    }),
    answer(async (request) => saveFiles(here, await changesOf(request), userOf(request))),
  );
  return router;

  async function changesOf(request: Request) {
    const { files } = readChanges(request.body);
    if (!may(request, 'crossdock.users') && (await givesRights(here, files)))
      throw new CodedError('PERMISSION_MISSING', 'Your role has no permission crossdock.users');
    return files;
  }
}
