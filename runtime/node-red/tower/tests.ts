/** The tower's calls about flow tests: run those of a flow or all, let one message through a flow, keep that as a test. */
import { Router, type Request } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import type { DryRun } from '../../flow-test/trail.ts';
import type { Given } from '../../flow-test/spec.ts';
import { letterOf } from '../../tower/letters.ts';
import { readSample } from '../../workspace/samples.ts';
import { addCase, testedFlows } from '../../workspace/test-cases.ts';
import { readingData } from '../audit-read.ts';
import { acting, wordOf } from '../audit-act.ts';
import { answeringWith, onlyJson, permitted, reader, userOf } from '../routes.ts';
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

interface Testing extends Tower {
  /** Each takes a hub of its own. */
  alone<T>(work: () => Promise<T>): Promise<T>;
}

/** Below `/tower/api/tests`. */
export function testsRoutes(tower: Tower): Router {
  const answer = answeringWith<Testing>(tower.hub.log, { ...tower, alone: oneAtATime() });
  const data = permitted('crossdock.data');
  const author = permitted('crossdock.author');
  const saving = acting('file.save', (request) => ({
    object: `test/${wordOf(request, 'flow')} of sample/${wordOf(request, 'sample')}`,
    after: request.body,
  }));
  const router = Router();
  router.get('/', permitted('crossdock.read'), answer(list));
  // What differed is said with the values of the tests.
  router.post('/run', data, author, onlyJson, answer(test));
  router.post('/step', data, readingData, author, onlyJson, answer(step));
  router.post('/case', data, author, onlyJson, saving, answer(keepCase));
  return router;
}

async function list({ here }: Testing) {
  return { flows: await testedFlows(here) };
}

async function test({ alone, trial }: Testing, { body }: Request) {
  const { flow } = readFlow(body);
  return alone(() => trial.test(flow));
}

async function step(testing: Testing, { body }: Request): Promise<DryRun> {
  const { flow, sample, letter } = readStep(body);
  if ((sample === undefined) === (letter === undefined))
    throw new CodedError('REQUEST_INVALID', 'Name a sample or an exception, one of them');
  const given = await (sample === undefined ? givenOfLetter(testing, letter!) : givenOf(testing, sample));
  return testing.alone(() => testing.trial.dryRun(flow, given));
}

async function keepCase(testing: Testing, request: Request) {
  const { flow, sample, name } = readCase(request.body);
  const given = await givenOf(testing, sample);
  const { got, problems } = await testing.alone(() => testing.trial.dryRun(flow, given));
  if (problems.length > 0) throw new CodedError('TEST_INVALID', problems[0]!.replace(/^TEST_INVALID: /, ''));
  return addCase(testing.here, { flow, name, given, got }, userOf(request));
}

async function givenOf({ here }: Testing, sample: string): Promise<Given> {
  const { path, body } = await readSample(here, sample);
  return { webhook: path, body };
}

/** Throws CodedError LETTER_UNKNOWN, LETTER_EMPTIED. */
async function givenOfLetter({ reader: { db } }: Testing, id: string): Promise<Given> {
  const { message, emptied } = await letterOf(db, id);
  if (emptied) throw new CodedError('LETTER_EMPTIED', 'The personal data of its message was erased', { id });
  const { type, data, subject, source } = message;
  return { event: type, data, subject, source };
}

/** Throws CodedError TESTS_RUNNING for what comes meanwhile. */
function oneAtATime(): Testing['alone'] {
  let busy = false;
  return async (work) => {
    if (busy) throw new CodedError('TESTS_RUNNING', 'Tests run already: try again when they are done');
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  };
}
