/** How logins end without use and by hand, and how guessing is braked without a lock-out. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { idOf } from '../runtime/node-red/session-book.ts';
import { sessionLimits } from '../runtime/node-red/session-limits.ts';
import { openUsers, type Users } from '../runtime/node-red/users.ts';
import { until } from './conformance/kit.ts';
import { startHub, type Hub } from './server/start.ts';

const password = 'twelve characters';
const idleSeconds = 4;

describe('logins in use', function () {
  this.timeout(60_000);
  let dir: string;
  let hub: Hub;
  let users: Users;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-logins-'));
    hub = await startHub(dir);
    users = await openUsers(dir, () => {});
  });
  after(async () => {
    await hub.stop();
    rmSync(dir, { recursive: true });
  });

  /** From one of the addresses of this machine. */
  const login = (username: string, by = password, address = '127.0.0.1') =>
    new Promise<{ status: number; token: string; wait: number }>((resolve, reject) => {
      const body = {
        client_id: 'node-red-editor',
        grant_type: 'password',
        scope: '',
        username,
        password: by,
      };
      const headers = { 'content-type': 'application/json' };
      const asked = request(
        `${hub.url}/auth/token`,
        { method: 'POST', headers, localAddress: address },
        (answer) => {
          let text = '';
          answer.on('data', (chunk: Buffer) => (text += chunk.toString()));
          answer.on('end', () => {
            const { access_token: token = '' } = JSON.parse(text) as { access_token?: string };
            resolve({
              status: answer.statusCode ?? 0,
              token,
              wait: Number(answer.headers['retry-after'] ?? 0),
            });
          });
        },
      );
      asked.on('error', reject).end(JSON.stringify(body));
    });
  const ask = async (token: string, headers: Record<string, string> = {}): Promise<number> =>
    (await fetch(`${hub.url}/settings`, { headers: { authorization: `Bearer ${token}`, ...headers } }))
      .status;
  const made = async (name: string): Promise<string> => {
    await users.set(name, password, 'viewer');
    return (await login(name)).token;
  };
  const page = async (token: string): Promise<{ closed: Promise<unknown> }> => {
    const socket = new WebSocket(`${hub.url.replace('http', 'ws')}/comms`);
    await once(socket, 'open');
    socket.send(JSON.stringify({ auth: token }));
    await once(socket, 'message');
    return { closed: once(socket, 'close') };
  };
  const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

  it('are listed by name and address, and end at once: one, or all of a user', async () => {
    const [first, second] = [await made('carla'), (await login('carla')).token];
    const [other] = [await made('dora')];
    const listed = async () => (await users.sessions()).filter(({ user }) => user === 'carla');
    // Another process reads what the hub has written.
    await until('both are listed', async () => (await listed()).length === 2);
    const { closed } = await page(first);
    const id = idOf(first);
    assert.ok((await listed()).some((one) => one.id === id));
    await users.endSessions('carla', id);
    assert.deepEqual([await ask(first), await ask(second), await ask(other)], [401, 200, 200]);
    await closed;
    await assert.rejects(users.endSessions('carla', 'no-such'), { code: 'SESSION_UNKNOWN' });
    await users.endSessions('carla');
    assert.deepEqual([await ask(second), await ask(other)], [401, 200]);
    assert.deepEqual(await listed(), []);
  });

  it('slow down who guesses from many addresses, and lock nobody out where they were before', async () => {
    await users.set('ella', password, 'viewer');
    assert.equal((await login('ella', password, '127.0.0.1')).status, 200);
    let guessed = 0;
    for (let at = 2; at < 12; at += 1)
      for (let times = 0; times < 4; times += 1)
        if ((await login('ella', 'a guess of many', `127.0.1.${at}`)).status === 403) guessed += 1;
    assert.ok(guessed >= 5 && guessed <= 12, `${guessed} of 40 guesses were tried`);
    // The right password too is let in from a new address only in its turn.
    const strange = await login('ella', password, '127.0.1.99');
    assert.deepEqual([strange.status, strange.wait > 0], [429, true]);
    assert.equal((await login('ella', password, '127.0.0.1')).status, 200);
    // Others are not slowed down.
    await users.set('finn', password, 'viewer');
    assert.equal((await login('finn', password, '127.0.1.99')).status, 200);
  });

  it('are braked where they come from too', async () => {
    await users.set('gina', password, 'viewer');
    await login('gina');
    const tries = [];
    for (let times = 0; times < 6; times += 1) tries.push((await login('gina', 'a guess of many')).status);
    assert.deepEqual(tries, [403, 403, 403, 403, 429, 429]);
  });

  it('ask for what OAuth has, and give no more than the role', async () => {
    const send = async (body: object) =>
      (
        await fetch(`${hub.url}/auth/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(body),
        })
      ).status;
    await users.set('hugo', password, 'viewer');
    const right = { client_id: 'node-red-admin', grant_type: 'password', username: 'hugo', password };
    assert.equal(await send({ ...right, scope: 'flows.read' }), 200);
    assert.equal(await send({ ...right, scope: '*' }), 200);
    assert.equal(await send({ ...right, scope: 'flows.write' }), 403);
    assert.equal(await send({ ...right, client_id: 'other' }), 401);
    assert.equal(await send({ ...right, grant_type: 'client_credentials' }), 400);
  });

  describe('for a short time only', () => {
    before(async () => {
      await hub.stop();
      hub = await startHub(dir, { IDLE_SECONDS: String(idleSeconds) });
    });

    it('end without use, whatever a page asks by itself, and its websocket with them', async () => {
      const token = await made('anna');
      const { closed } = await page(token);
      const began = Date.now();
      await until('the login is over', async () => (await ask(token, { 'x-crossdock-poll': '1' })) === 401);
      assert.ok(Date.now() - began >= (idleSeconds - 2) * 1000);
      await closed;
    });

    it('go on as long as they are used', async () => {
      const token = await made('bert');
      const end = Date.now() + 2 * idleSeconds * 1000;
      while (Date.now() < end) {
        assert.equal(await ask(token), 200);
        await pause(200);
      }
    });
  });
});

describe('the time of logins', () => {
  it('is set within bounds', () => {
    assert.deepEqual(sessionLimits({}), { idleSeconds: 900, maximumSeconds: 8 * 3600 });
    const env = { CROSSDOCK_SESSION_IDLE_MINUTES: '60', CROSSDOCK_SESSION_HOURS: '12' };
    assert.deepEqual(sessionLimits(env), { idleSeconds: 3600, maximumSeconds: 12 * 3600 });
    for (const wrong of ['4', '61', 'ten', '5.5', '-5'])
      assert.throws(() => sessionLimits({ CROSSDOCK_SESSION_IDLE_MINUTES: wrong }), {
        code: 'CONFIG_INVALID',
      });
  });
});
