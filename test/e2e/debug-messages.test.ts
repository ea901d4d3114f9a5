/** The editor of a running hub, by its socket: what a debug node shows reaches who may see data, and nobody else. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openUsers } from '../../runtime/node-red/users.ts';
import { startHubProcess, type HubProcess } from './hub-process.ts';
import { login, tokenOf } from './traffic.ts';

const password = 'a-long-password';
const nodes = [
  { id: 't', type: 'tab', label: 'watched' },
  {
    id: 'd',
    type: 'debug',
    z: 't',
    name: 'shown',
    active: true,
    tosidebar: true,
    complete: 'payload',
    wires: [],
  },
  {
    id: 'i',
    type: 'inject',
    z: 't',
    name: 'often',
    props: [{ p: 'payload' }],
    payload: '12 Harbor Way',
    payloadType: 'str',
    repeat: '0.1',
    wires: [['d']],
  },
];

describe('messages that a debug node shows', function () {
  this.timeout(360_000);
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-debug-'));
  let hub: HubProcess;
  before(async () => {
    mkdirSync(join(dir, 'flows'));
    const users = await openUsers(dir, () => {});
    for (const role of ['admin', 'analyst', 'viewer', 'approver'] as const)
      await users.set(role, password, role);
    hub = await startHubProcess({}, dir);
  });
  after(() => hub?.stop());
  after(() => rmSync(dir, { recursive: true, force: true }));

  interface Editor {
    socket: WebSocket;
    topics: string[];
  }
  async function edit(user: string): Promise<Editor> {
    const token = await tokenOf(hub.url, password, user);
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/comms`);
    const topics: string[] = [];
    await new Promise<void>((open, fail) => {
      socket.addEventListener('error', () => fail(new Error('no socket')));
      socket.addEventListener('open', () => socket.send(JSON.stringify({ auth: token })));
      socket.addEventListener('message', ({ data }) => {
        const told = JSON.parse(String(data)) as { auth?: string } | { topic: string }[];
        if (Array.isArray(told)) topics.push(...told.map(({ topic }) => topic));
        else if (told.auth === 'ok') open();
      });
    });
    return { socket, topics };
  }

  it('reach an analyst, and no viewer and no approver', async () => {
    const [viewer, approver] = [await edit('viewer'), await edit('approver')];
    const analyst = await edit('analyst');
    const deployed = await (await login(hub.url, password))('POST', '/flows', { flows: nodes });
    assert.equal(deployed.status, 200, await deployed.text());
    const shown = (): number => analyst.topics.filter((topic) => topic === 'debug').length;
    const heard = (): boolean =>
      [viewer, approver].every(({ topics }) => topics.includes('notification/runtime-deploy'));
    for (let tries = 0; tries < 300 && (shown() < 3 || !heard()); tries += 1)
      await new Promise((done) => void setTimeout(done, 100));
    assert.ok(shown() >= 3);
    assert.ok(heard(), 'their editors are told of other things');
    assert.deepEqual(
      [...viewer.topics, ...approver.topics].filter((topic) => topic === 'debug'),
      [],
    );
    for (const { socket } of [viewer, approver, analyst]) socket.close();
  });
});
