/** The tower's calls about samples: the last webhooks seen here, what is kept of one, and those that are kept. */
import { randomUUID } from 'node:crypto';
import { Router, type Request, type RequestHandler } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import { keepSample, listSamples, previewOf, readSample, type Preview } from '../../workspace/samples.ts';
import { acting, wordOf } from '../audit-act.ts';
import { readingData } from '../audit-read.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

export interface SeenRow {
  id: string;
  flow: string;
  path: string;
  at: string;
  event?: string;
  bytes: number;
}

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 200 });
const name = Type.String({ pattern: '^[a-z0-9][a-z0-9._-]{0,99}$' });
const paths = Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 5000 });
const readName = reader(Type.Object({ name }, closed));
const readAsked = reader(Type.Object({ id: word, keep: paths }, closed));
const readKept = reader(Type.Object({ id: word, keep: paths, name }, closed));

/** Below `/tower/api/samples`. */
export function samplesRoutes({ hub, here }: Tower): Router {
  const router = Router();
  const answer = (work: (request: Request) => Promise<unknown>): RequestHandler => answering(hub.log, work);
  const data = permitted('crossdock.data');
  const secret = randomUUID();

  router.get(
    '/',
    permitted('crossdock.read'),
    answer(async () => ({ rows: await listSamples(here) })),
  );
  router.get(
    '/one',
    data,
    readingData,
    answer(({ query }) => readSample(here, readName(query).name)),
  );
  router.get(
    '/seen',
    data,
    readingData,
    answer(async () => ({ seeing: hub.seen !== undefined, rows: rows() })),
  );
  router.post(
    '/preview',
    data,
    readingData,
    onlyJson,
    answer(async ({ body }) => preview(readAsked(body))),
  );
  router.post(
    '/keep',
    data,
    permitted('crossdock.author'),
    onlyJson,
    acting('file.save', (request) => ({
      object: `sample/${wordOf(request, 'name')} of webhook/${wordOf(request, 'id')}`,
    })),
    answer(async (request) => {
      const { name: called, ...asked } = readKept(request.body);
      const { sample } = preview(asked);
      return keepSample(here, called, sample, userOf(request));
    }),
  );
  return router;

  function rows(): SeenRow[] {
    return (hub.seen?.list() ?? []).map(({ id, flow, path, at, headers, body }) => {
      const event = Object.entries(headers).find(([header]) => /topic|event/.test(header))?.[1];
      return { id, flow, path, at, ...(event && { event }), bytes: Buffer.byteLength(body) };
    });
  }

  function preview({ id, keep }: { id: string; keep: string[] }): Preview {
    const seen = hub.seen?.list().find((one) => one.id === id);
    if (!seen)
      throw new CodedError('FILE_UNKNOWN', 'This webhook is not among the last ones any more', { id });
    return previewOf(seen, `${secret} ${id}`, keep);
  }
}
