/** Alerts of a hub: one notice a cause, by the channels that are set, through a crash. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { causesOf, type Seen } from '../runtime/alerts/causes.ts';
import type { Notice } from '../runtime/alerts/decide.ts';
import { ratesOf } from '../runtime/alerts/rates.ts';
import { send } from '../runtime/alerts/send.ts';
import { glassLogins } from '../runtime/alerts/break-glass.ts';
import { keptAlerts, watchAlerts, type Watch, type WatchedHub } from '../runtime/alerts/watch.ts';
import { embeddedBroker } from '../runtime/broker/embedded.ts';
import type { Broker } from '../runtime/broker/broker.ts';
import { embeddedGuard } from '../runtime/guard/embedded.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Consuming, ConsumerState } from '../runtime/hub/hub.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';
import { isSigned, standardKey } from '../runtime/verify/keys.ts';
import { coded, order, until } from './conformance/kit.ts';
import { step } from './conformance/rows.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = Date.parse('2026-03-10T12:00:00.000Z');
const at = (ms: number) => new Date(start + ms);
const secret = `whsec_${Buffer.from('a secret of the tests of alerts!').toString('base64')}`;

interface Got {
  body: Partial<Notice> & { text: string };
  signed: boolean;
}

describe('alerts of a hub', () => {
  let dir: string;
  let store: Store;
  let journal: Journal;
  let broker: Broker;
  let reader: Reader;
  let server: Server;
  let got: Got[];
  let url: string;
  const state: { is: ConsumerState } = { is: { is: 'consuming' } };
  const ownership = loadOwnership('definitions');

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-alerts-'));
    store = openStore(join(dir, 'crossdock.db'));
    journal = embeddedJournal(store);
    broker = embeddedBroker(store);
    reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
    got = [];
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        const {
          'webhook-id': id,
          'webhook-timestamp': time,
          'webhook-signature': mac = '',
        } = request.headers;
        const signed = isSigned(
          standardKey(secret),
          [`${String(id)}.${String(time)}.`, body],
          String(mac).replace('v1,', ''),
        );
        got.push({ body: JSON.parse(body) as Got['body'], signed });
        response.writeHead(204).end();
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    writeFileSync(
      join(dir, 'alerts.yaml'),
      `repeat: 4h\nchannels: { on-call: { kind: webhook, url: '\${URL}', secret: '\${SECRET}' } }\ndefault: [on-call]\nteams: {}\n`,
    );
  });
  afterEach(async () => {
    server.close();
    server.closeAllConnections();
    await reader.close();
    await broker.close();
    await journal.close();
    store.close();
    rmSync(dir, { recursive: true });
  });

  function watching(clock: () => Date, more: Partial<WatchedHub> = {}, asked: Partial<Watch> = {}) {
    const flows = ['order-to-odoo', 'stock-to-odoo', 'money-to-odoo'];
    const consumers = new Set(
      flows.map((flow): Consuming => ({
        queue: flow,
        types: ['order.received.v1'],
        flow,
        flowVersion: '1',
        get state() {
          return state.is;
        },
        pause: async () => {},
        resume() {},
      })),
    );
    const hub: WatchedHub = {
      broker,
      journal,
      ownership,
      consumers,
      calendars: new Map(),
      guard: embeddedGuard(store),
      log: pino({ enabled: false }),
      profile: 'embedded',
      room: () => ({ used: 1, limit: 100 }),
      tiers: new Map([['order-to-odoo', 'critical']]),
      ...more,
    };
    const given = (name: string) => ({ URL: url, SECRET: secret })[name];
    const none = { process: '', from: '', to: '', days: [], figures: [] };
    return watchAlerts({
      hub,
      db: reader.db,
      definitionsDir: () => dir,
      given,
      figures: async () => none,
      clock,
      ...asked,
    });
  }
  const sent = (): string[] => got.map(({ body: { is, what = '' } }) => `${is}: ${what}`);

  it('a login past sign-on is looked for where sign-on is set, and only there', async () => {
    const object = 'user/admin';
    await journal.audit.append({
      who: 'admin',
      from: 'hub',
      act: 'login.break-glass',
      object,
      outcome: 'done',
    });
    const now = (): Date => new Date();
    const known = async () => (await keptAlerts(journal)).alerts.map(({ id }) => id);
    await watching(now).poll();
    assert.deepEqual(await known(), []);
    await watching(now, {}, { breakGlassLogins: (at) => glassLogins(reader.db, at) }).poll();
    assert.deepEqual(await known(), ['break-glass/admin']);
  });

  it('a file of secrets that is wrong is a cause of its own; the others go on, and what was known of secrets is not over', async () => {
    let now = at(0);
    let wrong = false;
    const row = { name: 'A_KEY', ends: '2026-12-10', daysLeft: 2, soon: true as const };
    const secrets = () => {
      if (wrong) throw new CodedError('CONFIG_INVALID', 'secrets.yaml:1: warn is no time');
      return [row];
    };
    const one = watching(() => now, {}, { secrets });
    const known = async () => (await keptAlerts(journal)).alerts.map(({ id }) => id).toSorted();
    await one.poll();
    wrong = true;
    state.is = { is: 'outage', code: 'ODOO_UNREACHABLE', since: at(0), nextProbe: at(MINUTE) };
    for (let minutes = 1; minutes < 10; minutes += 1) {
      now = at(minutes * MINUTE);
      await one.poll();
    }
    const ofSecret = 'secret/A_KEY/2026-12-10';
    assert.deepEqual(await known(), ['outage/ODOO_UNREACHABLE', ofSecret, 'secrets']);
    wrong = false;
    for (const minutes of [10, 13]) {
      now = at(minutes * MINUTE);
      await one.poll();
    }
    assert.deepEqual(await known(), ['outage/ODOO_UNREACHABLE', ofSecret]);
    await one.end();
  });

  it('an outage that stops 500 orders in three flows is one notice, and one when it is over', async () => {
    let now = at(0);
    const one = watching(() => now);
    const other = watching(() => now);
    await broker.declare('order-to-odoo', ['order.received.v1']);
    for (let n = 0; n < 500; n += 1) await broker.publish(order('order.received.v1', `SO-${n}`));
    const since = at(0);
    state.is = { is: 'outage', code: 'ODOO_UNREACHABLE', since, nextProbe: at(MINUTE) };
    // The messages are older than any queue may be.
    now = new Date(Date.now() + 2 * HOUR);
    for (let minute = 0; minute < 5; minute += 1) {
      now = new Date(now.getTime() + MINUTE);
      await Promise.all([one.poll(), other.poll()]);
    }
    await until('raised', () => got.length > 0);
    const { alerts } = await keptAlerts(journal);
    assert.deepEqual(
      alerts.map(({ id, told }) => [id, told !== undefined]),
      [
        ['outage/ODOO_UNREACHABLE', true],
        ['queue/order-to-odoo', false],
      ],
    );
    state.is = { is: 'consuming' };
    // What has waited for two hours still does.
    await one.poll();
    const worked = await broker.consume({
      queue: 'order-to-odoo',
      types: ['order.received.v1'],
      concurrency: 50,
      handle: async () => ({ do: 'settle' }),
    });
    await until('all are worked on', async () => (await broker.depth('order-to-odoo')).ready === 0);
    await worked.stop();
    for (let minute = 0; minute < 5; minute += 1) {
      now = new Date(now.getTime() + MINUTE);
      await one.poll();
    }
    await until('resolved', () => got.length > 1);
    await Promise.all([one.end(), other.end()]);
    assert.deepEqual(
      sent(),
      ['raised', 'resolved'].map(
        (is) =>
          `${is}: money-to-odoo, order-to-odoo, stock-to-odoo wait for their target: ODOO_UNREACHABLE. Messages wait and go on by themselves.`,
      ),
    );
    assert.deepEqual(
      got.map(({ signed }) => signed),
      [true, true],
    );
    assert.deepEqual(await keptAlerts(journal), { alerts: [], pending: [] });
  });

  it('what was decided before a crash is told after it, with the same id', async () => {
    const now = at(0);
    state.is = { is: 'outage', code: 'ODOO_UNREACHABLE', since: now, nextProbe: now };
    const broken = { ...broker, publishTo: () => Promise.reject(new Error('ended')) };
    const before = watching(() => now, { broker: broken });
    await assert.rejects(before.poll(), /ended/);
    await before.end();
    const [waits] = (await keptAlerts(journal)).pending;
    const after = watching(() => at(MINUTE));
    await after.poll();
    await until('told', () => got.length === 1);
    await after.end();
    assert.equal(got[0]!.body.id, waits!.told.id);
  });

  it('a channel that is not set, refuses or is away says so', async () => {
    const told = { id: 'a', is: 'test' as const, what: 'Try', at: at(0).toISOString() };
    const slack = { kind: 'slack' as const, url: '${URL}' };
    await send(slack, told, () => url, at(0));
    assert.deepEqual(got[0]!.body, { text: 'Try' });
    await assert.rejects(
      send(slack, told, () => undefined, at(0)),
      coded('SETTING_MISSING'),
    );
    await assert.rejects(
      send(slack, told, () => 'http://127.0.0.1:9/', at(0)),
      coded('PARTNER_UNREACHABLE'),
    );
    server.removeAllListeners('request').on('request', (_request, response) => response.writeHead(500).end());
    await assert.rejects(
      send(slack, told, () => url, at(0)),
      coded('PARTNER_REFUSED'),
    );
  });

  it('crossdock alerts test says what each channel says', async () => {
    const run = (env: Record<string, string>) => {
      const child = spawn(process.execPath, ['cli/crossdock.js', 'alerts', 'test'], {
        env: { ...process.env, CROSSDOCK_DEFINITIONS: dir, ...env },
      });
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      return once(child, 'close').then(([code]) => [code as number, out]);
    };
    cpSync('definitions/environments', join(dir, 'environments'), { recursive: true });
    assert.deepEqual(await run({ URL: url, SECRET: secret }), [0, 'on-call: taken\n']);
    assert.deepEqual([got[0]?.signed, got[0]?.body.is], [true, 'test']);
    assert.deepEqual(await run({ SECRET: secret }), [1, 'on-call: SETTING_MISSING: URL has no value here\n']);
  });

  it('webhooks that are refused count by how fast, many, or how many, few; and a silence by what is usual', async () => {
    const now = at(0);
    const came = (flow: string, ago: number, outcome: 'accepted' | 'refused', times: number) =>
      journal.append(
        Array.from({ length: times }, () => step({ flow, outcome, time: at(-ago).toISOString() })),
      );
    await came('busy', 5 * MINUTE, 'accepted', 170);
    await came('busy', 5 * MINUTE, 'refused', 20);
    await came('burning', 5 * MINUTE, 'accepted', 80);
    await came('burning', 5 * MINUTE, 'refused', 30);
    await came('over', 40 * MINUTE, 'refused', 50);
    await came('over', 5 * MINUTE, 'accepted', 100);
    await came('few', 5 * MINUTE, 'refused', 5);
    await came('fewer', 5 * MINUTE, 'refused', 4);
    for (let hour = 8; hour < 40; hour += 1) await came('silent', hour * HOUR, 'accepted', 1);
    for (let day = 0; day < 10; day += 1) await came('seldom', day * 24 * HOUR + 9 * HOUR, 'accepted', 1);
    await journal.rollups.fold(now);
    const seen: Seen = {
      health: { away: {}, queues: [], outages: [], consumers: [], hubs: [], store: {} },
      rates: await ratesOf(reader.db, now),
      tierOf: () => 'standard',
      teamOf: () => 'it',
    };
    const ids = causesOf(seen, now).map(({ id }) => id);
    assert.deepEqual(ids.toSorted(), ['refusals/burning', 'refusals/few', 'silent/silent']);
  });
});
