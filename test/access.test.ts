/** Which role may call which route: each one of a running hub is asked, and the answers stand in a page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { openBy } from './access/addresses.ts';
import { askAll, tableFile, tableOf, type Answered } from './access/table.ts';

describe('access', function () {
  this.timeout(300_000);
  let answers: Answered[];
  before(async () => (answers = await askAll()));

  it('is as the page of it says, for each route and role', async () => {
    const [now, kept] = [await tableOf(answers), readFileSync(tableFile, 'utf8')];
    const rows = (text: string): string[] => text.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
    const missing = (from: string[], to: string[]): string[] => from.filter((line) => !to.includes(line));
    const [is, was] = [rows(now), rows(kept)];
    const how = 'Look at each, then run node test/access/table.ts and commit what it writes';
    assert.deepEqual({ now: missing(is, was), before: missing(was, is) }, { now: [], before: [] }, how);
    assert.equal(now, kept, how);
  });

  it('is for those who are logged in, but for what is named as open', () => {
    const opened = answers.filter(({ route, says }) => says['nobody'] !== 401 && openBy(route) === undefined);
    assert.deepEqual(opened, []);
  });

  it('was asked of every part: Node-RED, its nodes, the hub, the tower', () => {
    const routes = new Set(answers.map(({ route }) => route));
    for (const one of [
      'GET /healthz',
      'POST /flows',
      'POST /inject/:id',
      'POST /crossdock/releases/approvals',
      'POST /crossdock/author/releases',
      'GET /tower/api/letters/data',
      'GET /tower/*',
    ])
      assert.ok(routes.has(one), one);
  });

  it('leaves the auditor without any data', () => {
    const may = answers.filter(({ says }) => says['auditor'] === 'yes' && says['nobody'] === 401);
    assert.deepEqual(
      may.map(({ route }) => route).filter((route) => !/\/audit\b/.test(route)),
      ['POST /auth/revoke', 'GET /tower/api/me', 'POST /tower/api/me/password'],
    );
  });

  it('lets nobody make and approve', () => {
    const by = (route: string) => answers.find((one) => one.route === route)!.says;
    const [cuts, approves] = [
      by('POST /crossdock/author/releases'),
      by('POST /crossdock/releases/approvals'),
    ];
    for (const role of Object.keys(cuts)) assert.ok(cuts[role] !== 'yes' || approves[role] !== 'yes', role);
  });
});

describe('the walk through routes', () => {
  it('finds what is nested, mounted, an expression, and what forgot to ask', async () => {
    const { applications, routesOf, watchMounts } = await import('./access/walk.ts');
    watchMounts(import.meta.filename);
    const { default: express } = await import('express');
    const [app, inner] = [express(), express()];
    const router = express.Router();
    const done = (_request: unknown, response: { end(): void }): void => response.end();
    router.get('/:id', done);
    router.use('/deeper', express.Router().post(/^\/x(.)/, done));
    inner.put('/forgot', done);
    app.use('/a', router);
    app.use('/b', inner);
    app.use('/c', done);
    assert.ok(applications.has(app) && !(app as { parent?: unknown }).parent);
    assert.deepEqual(
      routesOf(app).map(({ method, path }) => `${method} ${path}`),
      ['GET /a/:id', 'POST /a/deeper^/x(.)', 'PUT /b/forgot', 'ALL /c (done)'],
    );
  });
});
