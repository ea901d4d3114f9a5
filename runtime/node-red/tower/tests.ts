/** The tower's calls about flow tests: run those of a flow or all, let one message through a flow, keep that as a test. */
import { Router, type Request, type RequestHandler } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import type { DryRun } from '../../flow-test/trail.ts';
import type { Given } from '../../flow-test/spec.ts';
import { letterOf } from '../../tower/letters.ts';
import { readSample } from '../../workspace/samples.ts';
import { addCase, testedFlows } from '../../workspace/test-cases.ts';
import { readingData } from '../audit-read.ts';
import { acting, wordOf } from '../audit-act.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const name = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' });
const readFlow = reader(Type.Object({ flow: Type.Optional(name) }, closed));
const run = { flow: name, sample: name };
const letter = Type.String({ minLength: 1, maxLength: 200 });
const readStep = reader(
  Type.Object({ flow: name, sample: Type.Optional(name), letter: Type.Optional(letter) }, closed),
);
const readCase = reader(
  Type.Object(
    { ...run, name: Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\r\\n]*$' }) },
    closed,
  ),
);

/** Below `/tower/api/tests`. */
export function testsRoutes({ hub, reader: { db }, here, trial }: Tower): Router {
  const router = Router();
  const answer = (work: (request: Request) => Promise<unknown>): RequestHandler => answering(hub.log, work);
  const data = permitted('crossdock.data');
  const author = permitted('crossdock.author');
  let busy = false;

  router.get(
    '/',
    permitted('crossdock.read'),
    answer(async () => ({ flows: await testedFlows(here) })),
  );
  // What differed is said with the values of the tests.
  router.post(
    '/run',
    data,
    author,
    onlyJson,
    answer(({ body }) => {
      const { flow } = readFlow(body);
      return alone(() => trial.test(flow));
    }),
  );
  router.post(
    '/step',
    data,
    readingData,
    author,
    onlyJson,
    answer(async ({ body }) => {
      const { flow, sample, letter } = readStep(body);
      if ((sample === undefined) === (letter === undefined))
        throw new CodedError('REQUEST_INVALID', 'Name a sample or an exception, one of them');
      return dryRun(flow, sample === undefined ? await givenOfLetter(letter!) : await givenOf(sample));
    }),
  );
  router.post(
    '/case',
    data,
    author,
    onlyJson,
    acting('file.save', (request) => ({
      object: `test/${wordOf(request, 'flow')} of sample/${wordOf(request, 'sample')}`,
      after: request.body,
    })),
    answer(async (request) => {
      const { flow, sample, name: called } = readCase(request.body);
      const given = await givenOf(sample);
      const { got, problems } = await dryRun(flow, given);
      if (problems.length > 0)
        throw new CodedError('TEST_INVALID', problems[0]!.replace(/^TEST_INVALID: /, ''));
      return addCase(here, { flow, name: called, given, got }, userOf(request));
    }),
  );
  return router;

  async function givenOf(sample: string): Promise<Given> {
    const { path, body } = await readSample(here, sample);
    return { webhook: path, body };
  }

  /** Throws CodedError LETTER_UNKNOWN, LETTER_EMPTIED. */
  async function givenOfLetter(id: string): Promise<Given> {
    const { message, emptied } = await letterOf(db, id);
    if (emptied)
      throw new CodedError('LETTER_EMPTIED', 'The personal data of its message was erased', { id });
    const { type, data, subject, source } = message;
    return { event: type, data, subject, source };
  }

  function dryRun(flow: string, given: Given): Promise<DryRun> {
    return alone(() => trial.dryRun(flow, given));
  }

  /** Each takes a hub of its own. */
  async function alone<T>(work: () => Promise<T>): Promise<T> {
    if (busy) throw new CodedError('TESTS_RUNNING', 'Tests run already: try again when they are done');
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  }
}
