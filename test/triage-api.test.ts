/** The calls of triage: off unless it is switched on, asked for by those who work on issues, and read by all. */
import assert from 'node:assert/strict';
import { openStores } from '../runtime/stores/profile.ts';
import type { Stores } from '../runtime/stores/stores.ts';
import type { IssueList, IssueWhole } from '../runtime/node-red/tower/issues.ts';
import type { TriageView } from '../runtime/node-red/tower/triage.ts';
import { openUsers } from '../runtime/node-red/users.ts';
import type { Draft } from '../runtime/triage/drafts.ts';
import { letterOf, unmapped } from './conformance/issues.ts';
import { step } from './conformance/rows.ts';
import { startHubProcess, type HubProcess } from './e2e/hub-process.ts';
import { login, type Admin } from './e2e/traffic.ts';
import { claim, says, startModel, type Model } from './triage-model.ts';

const password = 'twelve characters';
const noOdoo = { ODOO_URL: 'http://127.0.0.1:9', ODOO_DATABASE: 'none', ODOO_API_KEY: 'none' };
const key = 'sk-of-the-model';

describe('the calls of triage', function () {
  this.timeout(180_000);
  let hub: HubProcess;
  let stores: Stores;
  let model: Model;
  let people: Record<'vera' | 'ida', Admin>;
  let id: string;

  before(async () => {
    model = await startModel();
  });
  after(() => model.close());
  afterEach(async () => {
    await stores?.close();
    await hub?.stop();
  });

  async function start(env: Record<string, string>): Promise<void> {
    hub = await startHubProcess({ ...noOdoo, ...env });
    const users = await openUsers(hub.dataDir, () => {});
    await users.set('vera', password, 'viewer');
    await users.set('ida', password, 'analyst', ['it']);
    people = { vera: await login(hub.url, password, 'vera'), ida: await login(hub.url, password, 'ida') };
    stores = await openStores({ profile: 'embedded', dataDir: hub.dataDir, env: {} });
    const letter = letterOf(1, 'acme', unmapped('tax', 'GST 7%'));
    await stores.journal.saveDeadLetter(letter);
    const { correlationid: correlationId } = letter.message;
    await stores.journal.append([step({ correlationId, flow: 'order-capture', outcome: 'exception' })]);
    const { rows } = (await (await people.ida('GET', '/tower/api/issues?team=all')).json()) as IssueList;
    id = rows[0]!.id;
  }
  async function call<T>(
    name: keyof typeof people,
    path = '',
    body?: unknown,
  ): Promise<[number, T & { code?: string }]> {
    const at = `/tower/api/triage/${id}${path}`;
    const answer = await (body === undefined ? people[name]('GET', at) : people[name]('POST', at, body));
    return [answer.status, (await answer.json()) as T & { code?: string }];
  }

  it('are off by default: nothing is asked, and the call says so', async () => {
    await start({});
    const [status, view] = await call<TriageView>('ida');
    assert.deepEqual(
      [status, view.model, view.draft, view.past],
      [200, undefined, undefined, { helps: [], looked: 0 }],
    );
    const [refused, { code }] = await call('ida', '/draft', { language: 'en' });
    assert.deepEqual([refused, code, model.received.length], [409, 'TRIAGE_OFF', 0]);
  });

  it('have a draft written for those who work on issues, whom all can read', async () => {
    await start({
      CROSSDOCK_TRIAGE_URL: model.url,
      CROSSDOCK_TRIAGE_MODEL: 'small-1',
      CROSSDOCK_TRIAGE_KEY: key,
    });
    model.answer = says({ claims: [claim('O1 lacks an entry.', 'T1'), claim('Made up.', 'T9')] });
    assert.deepEqual((await call('vera', '/draft', { language: 'en' }))[0], 403);
    for (const wrong of [{}, { language: 'xx' }, { language: 'en', prompt: 'x' }])
      assert.deepEqual((await call('ida', '/draft', wrong))[1].code, 'REQUEST_INVALID');
    assert.equal(model.received.length, 0);
    const [status, draft] = await call<Draft>('ida', '/draft', { language: 'de' });
    assert.deepEqual(
      [status, draft.claims.map(({ text }) => text), draft.dropped],
      [200, ['AC-1001 lacks an entry.'], 1],
    );
    assert.match(model.received[0]!.body, /Write in German/);
    assert.equal(model.received[0]!.headers.authorization, `Bearer ${key}`);
    const [, view] = await call<TriageView>('vera');
    assert.deepEqual([view.model, view.draft], ['small-1', draft]);
    const whole = (await (await people.vera('GET', `/tower/api/issues/${id}`)).json()) as IssueWhole;
    assert.deepEqual(
      whole.events.map(({ who, what }) => `${who} ${what}`),
      ['ida drafted', 'ida draft'],
    );
    model.answer = (response) => void response.writeHead(500).end();
    const [failed, { code }] = await call('ida', '/draft', { language: 'en' });
    assert.deepEqual([failed, code], [502, 'TRIAGE_REFUSED']);
    assert.deepEqual((await call<TriageView>('vera'))[1].draft, draft);
    assert.ok(hub.log().includes('"audit":"triage"'));
    assert.ok(!hub.log().includes(key) && !JSON.stringify([view, whole]).includes(key));
  });
});
