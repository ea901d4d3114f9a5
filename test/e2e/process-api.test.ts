/** The admin API of business processes, on a running hub with the sandbox Odoo. */
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startSandbox, type Sandbox } from '../../runtime/odoo/sandbox/sandbox.ts';
import type { Instance } from '../../runtime/process/state.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login, sendOrders, type Admin } from './traffic.ts';

const password = 'a-long-password';

describe('the admin API of processes', function () {
  this.timeout(360_000);
  let odoo: Sandbox;
  let hub: HubProcess;
  let [operations, viewer]: Admin[] = [];

  before(async () => {
    odoo = await startSandbox();
    const { url: ODOO_URL, database: ODOO_DATABASE, apiKey: ODOO_API_KEY } = odoo;
    hub = await startHubProcess({ ODOO_URL, ODOO_DATABASE, ODOO_API_KEY });
    const users = await openUsers(hub.dataDir, () => {});
    await users.set('olga', password, 'operations');
    await users.set('vera', password, 'viewer');
    [operations, viewer] = [await login(hub.url, password, 'olga'), await login(hub.url, password, 'vera')];
  });
  after(async () => {
    await hub?.stop();
    await odoo?.close();
  });

  const list = async (query = ''): Promise<Instance[]> => {
    const answer = await viewer!('GET', `/crossdock/processes${query}`);
    return ((await answer.json()) as { processes: Instance[] }).processes;
  };
  const act = async (admin: Admin, body: object) => {
    const answer = await admin('POST', '/crossdock/processes/actions', body);
    return { status: answer.status, body: (await answer.json()) as Instance & { code?: string } };
  };
  const pause = { process: 'order-to-cash', called: '620001', action: 'pause' };

  it('shows where an order stands', async () => {
    await sendOrders(hub.url, [620_001], 1);
    const confirmed = async () => (await list('?called=620001'))[0]?.steps['order']?.state === 'done';
    for (let tries = 0; tries < 900 && !(await confirmed()); tries += 1) await sleep(100);
    const [one, ...others] = await list('?called=620001');
    assert.deepEqual([one?.number, one?.state, others], ['620001', 'running', []]);
    assert.deepEqual([one?.steps['order']?.state, one?.steps['shipment']?.state], ['done', 'doing']);
    assert.deepEqual(await list('?state=held'), []);
    assert.deepEqual((await list('?state=running')).length, 1);
    assert.deepEqual(await list(`?after=${encodeURIComponent(`order-to-cash/running/${one!.key}`)}`), []);
  });

  it('operations pause and resume it, a viewer does not', async () => {
    assert.equal((await act(viewer!, pause)).body.code, 'PERMISSION_MISSING');
    const paused = await act(operations!, pause);
    assert.equal(paused.body.state, 'paused');
    assert.match(paused.body.history.at(-1)!.what, /by olga/);
    assert.equal((await act(operations!, { ...pause, action: 'step' })).body.state, 'paused');
    assert.equal((await act(operations!, { ...pause, action: 'resume' })).body.state, 'running');
  });

  it('refuses what it does not know', async () => {
    const unknown = await act(operations!, { ...pause, called: 'nobody' });
    assert.deepEqual([unknown.status, unknown.body.code], [404, 'PROCESS_UNKNOWN']);
    const place = await viewer!('GET', '/crossdock/processes?after=nowhere');
    assert.equal(place.status, 400);
    const wrong = await act(operations!, { ...pause, action: 'burn' });
    assert.deepEqual([wrong.status, wrong.body.code], [400, 'REQUEST_INVALID']);
  });
});
