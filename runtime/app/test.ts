/** `crossdock test`: runs the tests beside the flows, in the real hub without the outside world. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { deterministicId, envelope } from '../envelope/envelope.ts';
import { asCoded, CodedError } from '../errors/coded-error.ts';
import { readFiles } from '../flow-file/disk.ts';
import type { FlowNode } from '../flow-file/format.ts';
import { parseFlows } from '../flow-file/read.ts';
import { differences, type Outcome } from '../flow-test/expect.ts';
import { placeOf } from '../flow-test/place.ts';
import type { DryRun, TestReport, TestResult } from '../flow-test/trail.ts';
import { readTestFile, type Given, type TestCase, type TestFile } from '../flow-test/spec.ts';
import { readConfig } from '../node-red/define-node.ts';
import { readDefinitions } from '../node-red/palette.ts';
import { sign } from '../verify/sign.ts';
import type { SchemeName } from '../verify/schemes.ts';
import { optionsOf, type SigningSettings } from '../verify/verify.ts';
import { flowsFolder, palette, places, root } from './project.ts';
import { openWorld, testSecret, type World } from './test-world.ts';

const ending = '.test.yaml';

/** `crossdock test`: runs tests of flows and mappings. False when one failed. */
export async function test(
  only: string[],
  { json, coverage, given }: { json: boolean; coverage: boolean; given: string | undefined },
): Promise<boolean> {
  const { flowsDir, definitionsDir } = places();
  if (given !== undefined) {
    const message = JSON.parse(await readFile(given, 'utf8')) as Given;
    await say(`${JSON.stringify(await dryRun(flowsDir, definitionsDir, only[0] ?? '', message))}\n`);
    return true;
  }
  const report = await runFlowTests(flowsDir, definitionsDir, only);
  await say(json ? `${JSON.stringify(report)}\n` : textOf(report, coverage));
  return report.failed === 0;
}

/** To its end: the process exits after it, and a pipe takes only so much at once. */
async function say(text: string): Promise<void> {
  await new Promise((done) => process.stdout.write(text, done));
}

/** Once a process: Node-RED starts in it. Throws CodedError TEST_INVALID. */
export async function runFlowTests(
  flowsDir: string,
  definitionsDir: string,
  only: readonly string[] = [],
): Promise<TestReport> {
  flowsFolder(flowsDir);
  const wanted = (name: string) => only.length === 0 || only.includes(basename(name, ending));
  const names = (await readdir(flowsDir)).filter((name) => name.endsWith(ending) && wanted(name));
  const files = names.toSorted().map((name) => readTestFile(join(flowsDir, name)));
  const unknown = only.find((name) => files.every(({ flow }) => flow !== name));
  if (unknown)
    throw new CodedError('REQUEST_INVALID', `There are no tests of a flow ${unknown} in ${flowsDir}`);
  const { outputsOf } = await palette();
  const nodes = parseFlows(await readFiles(flowsDir), outputsOf);
  const world = await openWorld(flowsDir, definitionsDir, nodes);
  const results: TestResult[] = [];
  try {
    const signing = await signer(nodes);
    for (const file of files)
      for (const one of file.tests)
        for (const variant of ['', ...(one.also ?? [])])
          results.push(await run(world, nodes, signing, file, one, variant));
    const coverage = world.recorder.coverage(nodes);
    const passed = results.filter((result) => result.passed).length;
    const trail = world.recorder.trail();
    return { passed, failed: results.length - passed, results, coverage, trail };
  } finally {
    world.recorder.stop();
    await world.close();
  }
}

/** One message through one flow: what each node got and gave, and what came of it. Once a process, as the tests. */
export async function dryRun(
  flowsDir: string,
  definitionsDir: string,
  flow: string,
  given: Given,
): Promise<DryRun> {
  const { outputsOf } = await palette();
  const nodes = parseFlows(await readFiles(flowsDir), outputsOf);
  const world = await openWorld(flowsDir, definitionsDir, nodes);
  try {
    const steps = world.recorder.steps();
    const file: TestFile = { flow, tests: [] };
    const { problems, got } = await tried(
      world,
      await signer(nodes),
      file,
      { test: flow, given, expect: {} },
      '',
    );
    return { flow, problems, got, steps: steps.taken(nodes) };
  } finally {
    world.recorder.stop();
    await world.close();
  }
}

type Signing = (path: string, body: string, as?: string) => Record<string, string>;

async function run(
  world: World,
  nodes: readonly FlowNode[],
  signing: Signing,
  file: TestFile,
  one: TestCase,
  variant: string,
): Promise<TestResult> {
  const title = variant ? `${one.test} (${variant})` : one.test;
  const { problems, got } = await tried(world, signing, file, one, variant);
  problems.push(...differences(one.expect, got));
  const trail = world.recorder.since();
  const tab = nodes.find(({ type, label }) => type === 'tab' && label === file.flow);
  const own = nodes.filter(({ z }) => z !== undefined && z === tab?.id);
  const places = problems.map((difference) => placeOf(difference, one.expect, own, trail));
  return {
    flow: file.flow,
    test: title,
    passed: problems.length === 0,
    differences: problems,
    places,
    trail,
  };
}

async function tried(
  world: World,
  signing: Signing,
  file: TestFile,
  one: TestCase,
  variant: string,
): Promise<{ problems: string[]; got: Outcome }> {
  const failing = variant === 'fail once';
  world.clean();
  world.odoo.reset(failing);
  world.outside.use(one.stubs, failing);
  const given = [one.given].flat();
  const order = variant === 'reorder' ? given.toReversed() : given;
  const all = variant === 'duplicate' ? order.flatMap((message) => [message, message]) : order;
  let answer: Outcome['answer'];
  const problems: string[] = [];
  try {
    const flows = [file.flow, ...(file.with ?? [])];
    await world.during(flows, async (idle) => {
      for (const message of all) {
        answer = (await give(world, signing, flows, message, given.indexOf(message), failing)) ?? answer;
        await idle();
      }
    });
  } catch (error) {
    problems.push(error instanceof CodedError ? `${error.code}: ${error.message}` : asCoded(error).message);
    if (error instanceof Error && !(error instanceof CodedError)) problems[0] = error.message;
  }
  problems.push(...world.outside.unknown().map((call) => `TEST_CALL_UNKNOWN: ${call} has no stub`));
  return { problems, got: { ...(answer && { answer }), ...(await outcome(world)) } };
}

async function outcome({ hub, odoo, outside, published }: World): Promise<Omit<Outcome, 'answer'>> {
  const letters = await hub.journal.letters({ order: 'oldest' });
  return {
    events: [...published.values()].map((message) => ({ ...message })),
    orders: odoo.orders().map((order) => ({ ...order })),
    calls: outside.calls(),
    exceptions: letters.map(({ code, reason, flow, facts }) => ({ code, reason, flow, facts })),
  };
}

async function give(
  world: World,
  signing: Signing,
  flows: readonly string[],
  given: Given,
  index: number,
  again: boolean,
): Promise<Outcome['answer']> {
  if ('webhook' in given) return post(world, signing, given, again ? 5 : 1);
  const { hub } = world;
  const known = { id: `test-${index}`, flow: 'test', flowversion: '0' };
  if ('from' in given) return begin(world, flows[0]!, given, known, again ? 5 : 1);
  const { event, data, subject = `test-${index}`, source = 'test' } = given;
  const queues = [...hub.consumers].filter((one) => flows.includes(one.flow) && one.types.includes(event));
  if (queues.length === 0)
    throw new CodedError('TEST_INVALID', `${flows.join(', ')} does not consume ${event}`);
  hub.catalogue.validate(event, data);
  const message = envelope({ ...known, type: event, source, subject, data });
  for (const { queue } of queues) await hub.broker.publishTo(queue, message);
  return undefined;
}

/** What failed comes again, as such nodes do it. */
async function begin(
  world: World,
  flow: string,
  { from, payload, subject }: Extract<Given, { from: string }>,
  known: { id: string; flow: string; flowversion: string },
  tries: number,
): Promise<undefined> {
  const message = envelope({
    ...known,
    type: 'test',
    source: 'test',
    subject: subject ?? known.id,
    data: payload,
  });
  for (let left = tries; left > 0; left -= 1) {
    const failed = await world.begin(flow, from, message).then(
      () => undefined,
      (error: unknown) => asCoded(error),
    );
    if (!failed) return undefined;
    if (left === 1) throw failed;
  }
  return undefined;
}

async function post(
  { url }: World,
  signing: Signing,
  given: Extract<Given, { webhook: string }>,
  tries: number,
): Promise<Outcome['answer']> {
  const { webhook, body, headers = {}, as, unsigned } = given;
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signed = unsigned ? {} : signing(webhook, text, as);
  const response = await fetch(`${url}/hooks${webhook}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed, ...headers },
    body: text,
  });
  const { code } = (await response.json().catch(() => ({}))) as { code?: string };
  const answer = { status: response.status, ...(code && { code }) };
  if (answer.status < 500 || tries === 1) return answer;
  return post({ url } as World, signing, given, tries - 1);
}

/** Signs as the webhook verify behind the path asks. The same message again has the id it had: senders repeat it so. */
async function signer(nodes: readonly FlowNode[]): Promise<Signing> {
  const definition = (await readDefinitions(join(root, 'nodes'))).find(
    ({ type }) => type === 'webhook-verify',
  );
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const behind = (node: FlowNode): FlowNode[] =>
    [node.wires].flat(2).flatMap((id) => byId.get(String(id)) ?? []);
  return (path, body, as) => {
    const entry = nodes.find((node) => node.type === 'webhook-in' && node.path === path);
    if (!entry) throw new CodedError('TEST_INVALID', `No flow has a webhook at ${path}`);
    const verify = behind(entry).find(({ type }) => type === 'webhook-verify');
    if (!verify || !definition) return {};
    const scheme = String(verify.scheme ?? 'standard-webhooks') as SchemeName;
    const settings = readConfig(definition, { ...verify, secrets: 'test' }) as unknown as SigningSettings;
    const id = deterministicId(path, body);
    return sign(scheme, optionsOf(settings), testSecret(scheme, as), body, { id }).headers;
  };
}

function textOf({ passed, failed, results, coverage }: TestReport, whole: boolean): string {
  const bad = results.filter((one) => !one.passed);
  const told = bad.flatMap(({ flow, test: title, differences: lines }) => [
    `FAILED ${flow}: ${title}`,
    ...lines.map((line) => `  ${line}`),
  ]);
  const covered = coverage
    .filter(({ nodes }) => whole && nodes > 0)
    .map(({ flow, nodes, taken, branches, takenBranches, missing }) => {
      const not = missing.length > 0 ? `; not: ${missing.join(', ')}` : '';
      return `${flow}: ${taken} of ${nodes} nodes, ${takenBranches} of ${branches} branches${not}`;
    });
  return `${[...told, ...covered, `${passed} passed, ${failed} failed`].join('\n')}\n`;
}
