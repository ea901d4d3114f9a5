/** Flow tests that people run and add in the workspace. */
import { CodedError } from '../errors/coded-error.ts';
import type { Outcome } from '../flow-test/expect.ts';
import { readTestFile, type Given, type TestFile } from '../flow-test/spec.ts';
import { listFiles, readFile, saveFiles, textWith, type Saved, type Workbench } from './files.ts';

const ending = '.test.yaml';

/** Names of the flows that have tests. */
export async function testedFlows(bench: Workbench): Promise<string[]> {
  return (await listFiles(bench, 'flows')).flatMap((path) =>
    path.endsWith(ending) ? [path.slice('flows/'.length, -ending.length)] : [],
  );
}

/** What came of a dry run is expected from now on: its answer, the events by type and subject, and orders by their number. Throws CodedError TEST_INVALID. */
export async function addCase(
  bench: Workbench,
  { flow, name, given, got }: { flow: string; name: string; given: Given; got: Outcome },
  by: string,
): Promise<Saved> {
  const path = `flows/${flow}${ending}`;
  const { text, revision } = await readFile(bench, path);
  const made = { test: name, given, expect: expected(got) };
  if (revision === '') return save(textWith(path, '', { flow, tests: [made] }));
  const file = readTestFile(path, text);
  if (file.tests.some(({ test }) => test === name))
    throw new CodedError('REQUEST_INVALID', `${flow} has a test "${name}" already: give it another name`);
  return save(textWith(path, text, { ...file, tests: [...file.tests, made] }));

  function save(next: string): Promise<Saved> {
    return saveFiles(bench, [{ path, text: next, revision }], by);
  }
}

function expected({ answer, events, orders, exceptions }: Outcome): TestFile['tests'][number]['expect'] {
  return {
    ...(answer && { answer: { status: answer.status } }),
    ...(events.length > 0 && {
      events: events.map((one) => ({ type: one['type'], subject: one['subject'] })),
    }),
    ...(orders.length > 0 && {
      orders: orders.map((one) => ({ client_order_ref: one['client_order_ref'] })),
    }),
    ...(exceptions.length > 0 && { exceptions: exceptions.map((one) => ({ code: one['code'] })) }),
  };
}
