/** Odoo as a source: four writers, the hub killed five times; each change is told of, and in order by record. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, startHubProcess } from './hub-process.ts';

const records = 40;
const writes = 500;
const writers = 4;
const kills = 5;

describeReal(['odoo'], 'changes of Odoo', function ({ odoo: real }) {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-changes-'));
  const told: { id: number; count: number }[] = [];
  let server: Server;
  before(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const { id, values } = JSON.parse(body) as { id: number; values: { ref: string } };
        told.push({ id, count: Number(values.ref.split('-').at(-1)) });
        response.end('{}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  after(() => {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it(`${writers * writes} changes by ${writers} writers, the hub killed ${kills} times: each record's last state is told, never an older one after it`, async () => {
    const odoo = openOdoo({ ...real, timeoutMs: 60_000 });
    const mark = `chg${Date.now()}`;
    const ids = await odoo.call<number[]>('res.partner', 'create', {
      vals_list: Array.from({ length: records }, () => ({ name: mark, ref: `${mark}-0` })),
    });
    const flowsDir = join(dir, 'flows');
    mkdirSync(flowsDir);
    cpSync('flows/connections.yaml', join(flowsDir, 'connections.yaml'));
    const { port } = server.address() as AddressInfo;
    writeFileSync(
      join(flowsDir, 'watch.yaml'),
      `flow: watch
owner: desk
tier: standard
nodes:
  partners:
    type: odoo-changes
    connection: !node Odoo
    model: res.partner
    fields: [ref]
    domain: '[["name", "=", "${mark}"]]'
    every: 1
    overlap: 10
    to: tell
  tell:
    type: http request
    method: POST
    url: http://127.0.0.1:${port}/
layout:
  partners: [100, 100]
  tell: [300, 100]
`,
    );
    const env = odooEnvironment(real);
    let hub = await startHubProcess(env, dir, { flowsDir });
    const last = new Map(ids.map((id) => [id, 0]));
    const done = { writes: 0 };
    // Each writer has records of its own, so that what is last is known.
    const writing = Array.from({ length: writers }, async (_, writer) => {
      const own = ids.filter((__, at) => at % writers === writer);
      for (let count = 1; count <= writes; count += 1) {
        const id = own[count % own.length]!;
        await odoo.call('res.partner', 'write', { ids: [id], vals: { ref: `${mark}-${count}` } });
        last.set(id, count);
        done.writes += 1;
      }
    });
    const killing = (async () => {
      for (let kill = 1; kill <= kills; kill += 1) {
        const enough = (kill * writers * writes) / (kills + 1);
        while (done.writes < enough) await sleep(20);
        hub.signal('SIGKILL');
        await hub.exited;
        hub = await startHubProcess(env, dir, { flowsDir });
      }
    })();
    await Promise.all([...writing, killing]);
    const isTold = () => ids.every((id) => told.some((one) => one.id === id && one.count === last.get(id)));
    for (const end = Date.now() + 60_000; !isTold() && Date.now() < end;) await sleep(200);
    await hub.stop(true);
    assert.ok(isTold(), 'the last state of each record was told');
    for (const id of ids) {
      const counts = told.filter((one) => one.id === id).map(({ count }) => count);
      assert.deepEqual(
        counts,
        counts.toSorted((a, b) => a - b),
        `record ${id}`,
      );
    }
    assert.ok(told.length >= records, String(told.length));
  });
});
