/** A hub whose one flow counts each message once, with exceptions of it, some of which have landed since. */
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { discard } from '../../runtime/dead/discard.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import type { Stores } from '../../runtime/stores/stores.ts';
import { letterId } from '../../runtime/journal/journal.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { order } from '../conformance/kit.ts';
import { letter, step } from '../conformance/rows.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';

const flow = `flow: parcels
version: 1.0.0
summary: Counts each parcel once.
owner: tests
tier: standard
nodes:
  parcels:
    type: event-consume
    broker: !node hub broker
    types:
      - order.received.v1
    concurrency: 20
    to: once
  once:
    type: idempotency-guard
    store: !node claims
    key: event.subject
    to:
      new: done
  done:
    type: drop
    reason: counted
layout:
  parcels: [120, 120]
  once: [300, 120]
  done: [480, 120]
`;
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };

export const subjectOf = (n: number): string => `SO-${1000 + n}`;

export interface ReplayHub {
  hub: HubProcess;
  password: string;
  /** Starts it again where it was killed. */
  again(): Promise<HubProcess>;
  /** One of those that fail for good, by somebody else. */
  discardOne(): Promise<void>;
  stores(): Promise<Stores>;
}

/** `letters` of them could go well, the first `landed` have; two more never will. The users: anna, berta and victor, who only looks. */
export async function replayHub(many: { letters: number; landed: number }): Promise<ReplayHub> {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-replays-'));
  const password = 'twelve characters';
  mkdirSync(join(dataDir, 'flows'));
  cpSync('flows/connections.yaml', join(dataDir, 'flows', 'connections.yaml'));
  writeFileSync(join(dataDir, 'flows', 'parcels.yaml'), flow);
  const users = await openUsers(dataDir, () => {});
  for (const name of ['anna', 'berta']) await users.set(name, password, 'operations');
  await users.set('victor', password, 'viewer');
  const stores = () => openStores({ profile: 'embedded', dataDir, env: {} });
  const before = await stores();
  await Promise.all(Array.from({ length: many.letters }, (_, n) => saveLetter(before, n, n < many.landed)));
  const lost = await Promise.all([1, 2].map((n) => saveLetter(before, many.letters + n, false, 'ODOO_BUSY')));
  await before.close();
  const start = () => startHubProcess(noOdoo, dataDir);
  const world: ReplayHub = {
    hub: await start(),
    password,
    again: async () => (world.hub = await start()),
    async discardOne() {
      const beside = await stores();
      await discard(beside, [lost[0]!], { by: 'berta', reason: 'not needed' });
      await beside.close();
    },
    stores,
  };
  return world;
}

async function saveLetter(
  { journal }: Stores,
  n: number,
  landed: boolean,
  code = 'ODOO_FAILED',
): Promise<string> {
  const message = {
    ...order('order.received.v1', subjectOf(n)),
    partitionkey: `shop/${subjectOf(n)}`,
    data: { totals: { gross: '10.00' }, currency: 'EUR' },
  };
  const id = letterId('parcels', message);
  const failed = { code, facts: {}, lastFailed: '2026-03-01T10:00:00.000Z' };
  await journal.saveDeadLetter(
    letter({ id, queue: 'parcels', flow: 'parcels', flowVersion: '1.0.0', message, ...failed }),
  );
  if (!landed) return id;
  const of = { correlationId: message.correlationid, businessKey: message.subject, flow: 'parcels' };
  const time = '2026-03-01T11:00:00.000Z';
  await journal.append([step({ ...of, time, outcome: 'landed', reference: `sale.order/${n + 1}` })]);
  return id;
}
