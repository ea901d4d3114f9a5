/** The hub that flow tests run in: the real one on embedded stores, a sandbox Odoo, stubs, and a clean slate for each test. */
import { mkdtemp, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Envelope } from '../envelope/envelope.ts';
import { openOutside, type Outside } from '../flow-test/outside.ts';
import type { FlowNode } from '../flow-file/format.ts';
import { CodedError } from '../errors/coded-error.ts';
import { finishDelivery } from '../hub/finish-delivery.ts';
import { createLog } from '../log/log.ts';
import type { Consuming, Hub } from '../hub/hub.ts';
import { namesIn } from '../lint/names.ts';
import { loadPartners } from '../partners/partners.ts';
import { recordCoverage, type Recorder } from '../node-red/coverage.ts';
import { startSandbox, type Sandbox } from '../odoo/sandbox/sandbox.ts';
import { sendFrom } from '../node-red/send-from.ts';
import { startHub } from './start.ts';

export interface World {
  hub: Hub;
  /** Of the webhooks. */
  url: string;
  odoo: Sandbox;
  outside: Outside;
  recorder: Recorder;
  /** What was published since the last clean slate, each event once. */
  published: Map<string, Envelope>;
  /** Lets a node of a flow begin work, as it does by itself outside of tests. Throws what the work failed with. */
  begin(flow: string, node: string, message: Envelope): Promise<void>;
  /** Nothing of an earlier test is left. */
  clean(): void;
  /** Lets these flows work, until `work` is done and nothing is under way any more. */
  during(flows: readonly string[], work: (idle: () => Promise<void>) => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

/** Where a test leaves something. The definitions of processes are kept when flows start. */
const cleaning = [
  'message',
  'claim',
  'record_version',
  'step',
  'dead_letter',
  'dead_letter_failure',
  'process',
  "document WHERE kind <> 'process'",
]
  .map((rows) => `DELETE FROM ${rows};`)
  .join(' ');
/** Nothing of a test need outlive it, so its stores are in memory where the system has a place for that. */
const fast = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
/** Longer than any test should take. */
const limitMs = 15_000;
/** Keys that fit every scheme: base64 for some, hex for Adyen. */
const secretFor: Record<string, string> = {
  'standard-webhooks': `whsec_${Buffer.from('flow-test-secret').toString('base64')}`,
  'http-message-signatures': `whsec_${Buffer.from('flow-test-secret').toString('base64')}`,
  bigcommerce: Buffer.from('flow-test-secret').toString('base64'),
  adyen: Buffer.from('flow-test-secret').toString('hex'),
};

/** `owner` is a partner that has secrets of its own. */
export function testSecret(scheme: string, owner = ''): string {
  if (owner) return `whsec_${Buffer.from(`flow-test-secret of ${owner}`).toString('base64')}`;
  return secretFor[scheme] ?? 'flow-test-secret';
}

export async function openWorld(
  flowsDir: string,
  definitionsDir: string,
  nodes: readonly FlowNode[],
): Promise<World> {
  const dataDir = await mkdtemp(join(fast, 'crossdock-test-'));
  const [outside, odoo] = [await openOutside(), await startSandbox()];
  const own = loadPartners(join(definitionsDir, 'partners')).direct.map(
    ({ variable, partner }): [string, string] => [variable, testSecret('standard-webhooks', partner)],
  );
  const env = { ...environment(nodes, outside, odoo), ...Object.fromEntries(own) };
  Object.assign(process.env, env, { CROSSDOCK_PROFILE: 'embedded' });
  const running = await startHub({
    dataDir,
    flowsDir,
    definitionsDir,
    port: 0,
    headless: true,
    log: createLog({ level: process.env['CROSSDOCK_TEST_LOG'] ?? 'silent' }),
  });
  const { hub, url } = running;
  // Retries come at once, and enough of them for every call on the way to have failed once.
  const delays = Array.from({ length: 20 }, () => 0.01);
  for (const policy of hub.policies.values()) Object.assign(policy, { delays, codes: {} });
  const published = record(hub);
  await Promise.all([...hub.consumers].map((consumer) => consumer.pause()));
  const database = new DatabaseSync(join(dataDir, 'crossdock.db'));
  database.exec('PRAGMA synchronous = OFF');
  return {
    hub,
    url,
    odoo,
    outside,
    recorder: recordCoverage(),
    published,
    clean() {
      database.exec(`BEGIN IMMEDIATE; ${cleaning} COMMIT`);
      published.clear();
    },
    begin: (flow, name, message) => begin(hub, nodes, flow, name, message),
    async during(flows, work) {
      const consumers = [...hub.consumers].filter(({ flow }) => flows.includes(flow));
      for (const consumer of consumers) consumer.resume();
      try {
        await work(() => idle(hub, consumers));
      } finally {
        await Promise.all(consumers.map((consumer) => consumer.pause()));
      }
    },
    async close() {
      database.close();
      await running.stop();
      await Promise.all([outside.close(), odoo.close()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function begin(
  hub: Hub,
  nodes: readonly FlowNode[],
  flow: string,
  name: string,
  message: Envelope,
): Promise<void> {
  const tab = nodes.find(({ type, label }) => type === 'tab' && label === flow);
  const node = nodes.find((one) => one.z === tab?.id && one.name === name);
  if (!node) throw new CodedError('TEST_INVALID', `${flow} has no node ${name}`);
  const { data, ...event } = message;
  const delivery = await hub.deliveries.run(
    { flow, flowVersion: '0', cause: message, timeLimitMs: limitMs },
    ({ id: _delivery }) => sendFrom(node.id, { payload: data, event, _delivery }),
  );
  await finishDelivery(hub, delivery, undefined);
  if (delivery.failure) throw delivery.failure;
}

/** No address and no secret of the outside world is left: the sandbox, the stubs, and keys of the tests' own. */
function environment(nodes: readonly FlowNode[], outside: Outside, odoo: Sandbox): Record<string, string> {
  const values: Record<string, string> = {};
  for (const node of nodes)
    for (const [name, property] of namesIn(node)) {
      const ofOdoo = node.type === 'odoo-connection' ? odooSetting(odoo, property) : undefined;
      const secret = node.type === 'webhook-verify' ? testSecret(String(node.scheme)) : undefined;
      values[name] = ofOdoo ?? secret ?? values[name] ?? outside.address(name);
    }
  return values;
}

function odooSetting({ url, database, apiKey, login }: Sandbox, property: string): string | undefined {
  return { url, database, apiKey, login }[property];
}

function record({ broker, catalogue }: Hub): Map<string, Envelope> {
  const published = new Map<string, Envelope>();
  const publish = broker.publish.bind(broker);
  broker.publish = async (message) => {
    await publish(message).catch((error: unknown) => {
      // What nobody has to listen to is said all the same.
      const unheard = error instanceof CodedError && error.code === 'EVENT_UNROUTABLE';
      if (unheard && catalogue.get(message.type).listeners === 'optional') published.set(message.id, message);
      throw error;
    });
    published.set(message.id, message);
  };
  return published;
}

/** Throws an Error when it takes too long. */
async function idle({ deliveries, broker }: Hub, consumers: readonly Consuming[]): Promise<void> {
  const queues = [...new Set(consumers.map(({ queue }) => queue))];
  for (const end = Date.now() + limitMs; Date.now() < end; await setImmediate()) {
    if (deliveries.size > 0) continue;
    const depths = await Promise.all(queues.map((queue) => broker.depth(queue)));
    if (depths.every(({ ready, delayed, unsettled }) => ready + delayed + unsettled === 0)) return;
  }
  throw new Error(`the flow did not come to rest within ${limitMs / 1000} s`);
}
