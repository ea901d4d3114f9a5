/** Issues: what is grouped as one repair, and who gets it. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { partnerOrder } from '../cli/samples.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { codes } from '../runtime/errors/codes.ts';
import { openJournal } from '../runtime/stores/profile.ts';
import type { DeadLetter } from '../runtime/journal/journal.ts';
import type { Issues } from '../runtime/journal/issues.ts';
import { toRow } from '../runtime/journal/letters.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { lintOwnership } from '../runtime/lint/ownership.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { readSchema } from '../runtime/schema/schema.ts';
import { listIssues, sharedIssues, type IssueFilter } from '../runtime/tower/issue-list.ts';
import { liveIssues, placeText, type Queue } from '../runtime/tower/issues.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { coded } from './conformance/kit.ts';
import { issuesConformance, later, letterOf, unmapped, type Fault } from './conformance/issues.ts';
import { describeReal } from './real.ts';

/** Of letters that no store holds. */
function queueOf(letters: readonly DeadLetter[]): Queue {
  const none = () => Promise.resolve([]);
  const issues = {
    letters: () => Promise.resolve(letters.map(toRow)),
    processes: none,
    rows: none,
    linesOf: none,
  };
  return {
    issues: issues as unknown as Issues,
    breaks: none,
    ownership: loadOwnership('definitions'),
    tiers: new Map([['order-to-odoo', 'critical']]),
  };
}

const issuesOf = (letters: readonly DeadLetter[]) => liveIssues(queueOf(letters), later(1));

/** As a CodedError tells it. */
function faultOf(flow: string, work: () => unknown): Fault {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof CodedError);
    return { flow, code: error.code, reason: error.message, facts: error.facts };
  }
  throw new Error('nothing failed');
}

describe('issues', () => {
  it('1,000 letters of mixed causes are at most 12 issues', async () => {
    const values = loadValueMaps('definitions/values');
    const order = readSchema('definitions/schemas/order.v1.json');
    const valid = JSON.parse(partnerOrder('acme', 'A', [], later(0))) as { lines: unknown[] };
    const line = { sku: 'A' };
    const causes: ((n: number) => [string, Fault])[] = [
      // One entry of a value map, whatever the order.
      () => [
        'shopify',
        faultOf('order-capture', () => values.require('tax', 'GST 7%', { source: 'shopify' })),
      ],
      // One product.
      (n) => [
        'acme',
        {
          flow: 'order-to-odoo',
          code: 'PRODUCT_UNKNOWN',
          reason: "No product in Odoo has the SKU 'DESK-9'",
          facts: { sku: 'DESK-9', ...(n % 2 ? { barcode: `40${n}` } : {}) },
        },
      ],
      // The same field, on whichever line.
      (n) => [
        'acme',
        faultOf('order-capture', () =>
          order.assert({ ...valid, lines: [...Array(n % 3).fill(valid.lines[0]), line] }),
        ),
      ],
      // An access right of Odoo.
      (n) => [
        ['shopify', 'acme', 'amazon'][n % 3]!,
        {
          flow: 'stock-to-odoo',
          code: 'ODOO_AUTH',
          reason: 'Odoo refuses the login or API key',
          facts: { model: ['sale.order', 'stock.picking'][n % 2]!, method: 'load' },
        },
      ],
      // A carrier that is away, for everybody.
      (n) => [
        ['shopify', 'acme', 'amazon'][n % 3]!,
        {
          flow: ['carrier', 'tax-report'][n % 2]!,
          code: 'PARTNER_TIMEOUT',
          reason: 'api.carrier.example did not answer in time',
          facts: { host: 'api.carrier.example', call: `GET /parcels/${n}` },
        },
      ],
      // Totals that differ by the rate of one tax.
      (n) => [
        'shopify',
        {
          flow: 'order-to-odoo',
          code: 'ODOO_TOTAL_MISMATCH',
          reason: `Order SH-${n} is ${n}.10 EUR; Odoo computes ${n}.90 for S000${n}`,
          facts: {
            order: `S000${n}`,
            reasons: `its own lines come to ${n}.1 and not to its total; the tax MwSt is 19 % there and 16 % in Odoo ('16%'; value map tax); Odoo rounds each line, and may differ by 0.0${n % 9} for this order`,
          },
        },
      ],
      (n) => [
        'acme',
        {
          flow: 'order-to-odoo',
          code: 'CLAIM_CONFLICT',
          reason: `Order AC-${1000 + n} of acme stands in Odoo as S0${n} with other content than this message has`,
          facts: { order: `S0${n}`, source: 'acme', id: `${n}` },
        },
      ],
      (n) => [
        'northside',
        {
          flow: 'stock-to-odoo',
          code: 'QUANTITY_EXCEEDED',
          reason: `${n} of CHAIR-${n} were done; ${n - 1} are open`,
          facts: { sku: `CHAIR-${n}`, done: `${n}`, open: `${n - 1}` },
        },
      ],
      (n) => [
        'acme',
        {
          flow: 'money-to-odoo',
          code: 'ODOO_REFUSED',
          reason: `You cannot post the entry INV/2026/000${n} of "Customer ${n}": the period is closed.`,
          facts: { model: 'account.move', method: 'action_post' },
        },
      ],
      (n) => [
        'stripe',
        {
          flow: 'money-to-odoo',
          code: 'INVOICE_MISSING',
          reason: `S000${n} has no posted invoice that is open`,
          facts: { order: `S000${n}` },
        },
      ],
    ];
    const letters = Array.from({ length: 1000 }, (_, at) => {
      const [partner, fault] = causes[at % causes.length]!(at + 1);
      return letterOf(at + 1, partner, fault);
    });
    const issues = await issuesOf(letters);
    assert.ok(
      issues.length <= 12,
      issues.map((one) => `${one.code} ${one.flow} ${one.partner} ${one.count}`).join('\n'),
    );
    assert.equal(
      issues.reduce((sum, { count }) => sum + count, 0),
      1000,
    );
    const auth = issues.find(({ code }) => code === 'ODOO_AUTH')!;
    assert.deepEqual([auth.flow, auth.partner, auth.team], ['', '', 'it']);
  });

  it('what is repaired apart stays apart', async () => {
    const faults = [unmapped('tax', 'GST 7%'), unmapped('tax', 'GST 5%'), unmapped('uom', 'GST 7%')];
    const letters = faults.map((fault, n) => letterOf(n, 'acme', fault));
    const other = { ...faults[0]!, facts: { ...faults[0]!.facts, source: 'shopify' } };
    assert.equal((await issuesOf([...letters, letterOf(9, 'shopify', other)])).length, 4);
  });
});

describe('the list of issues', () => {
  const fault: Fault = { flow: 'order-to-odoo', code: 'TOTALS_DIFFER', reason: 'other totals' };
  const letters = [
    letterOf(1, 'acme', fault),
    letterOf(2, 'acme', unmapped('tax', 'GST 7%')),
    letterOf(3, 'shopify', { ...fault, flow: 'direct-intake' }),
  ];
  const list = async (filter: IssueFilter, minutes = 1) =>
    (await listIssues(queueOf(letters), filter, later(minutes))).rows.map(
      ({ code, partner }) => `${code} ${partner}`,
    );

  it('is of the teams that are asked for, and of those to whom it escalates once it is late', async () => {
    assert.deepEqual(await list({ teams: ['finance'] }), ['TOTALS_DIFFER acme', 'TOTALS_DIFFER shopify']);
    assert.deepEqual(await list({ teams: ['operations'] }), []);
    // The critical flow is due after four hours, the other one after a day.
    assert.deepEqual(await list({ teams: ['operations'] }, 4 * 60), ['TOTALS_DIFFER acme']);
    assert.deepEqual(await list({ late: 'yes' }, 4 * 60), ['TOTALS_DIFFER acme']);
    assert.equal((await list({}, 2 * 24 * 60)).length, 3);
  });

  it('fits all that is asked for, and goes on after a place', async () => {
    assert.deepEqual(await list({ partner: 'shopify' }), ['TOTALS_DIFFER shopify']);
    assert.deepEqual(await list({ code: 'VALUE_UNMAPPED', flow: 'order-capture' }), ['VALUE_UNMAPPED acme']);
    assert.deepEqual(await list({ code: 'VALUE_UNMAPPED', flow: 'order-to-odoo' }), []);
    const { rows } = await listIssues(queueOf(letters), {}, later(1));
    const rest = await list({ after: placeText(rows[0]!) });
    assert.deepEqual(
      rest,
      rows.slice(1).map(({ code, partner }) => `${code} ${partner}`),
    );
  });

  it('is grouped once for those who look at once', async () => {
    const queue = queueOf(letters);
    let read = 0;
    const counted = { ...queue.issues, letters: () => ((read += 1), queue.issues.letters()) };
    const { live, forget } = sharedIssues();
    const look = (minutes: number) =>
      listIssues({ ...queue, issues: counted }, {}, later(minutes), live).then(({ rows }) => rows.length);
    assert.deepEqual(await Promise.all([look(1), look(1), look(1.01)]), [3, 3, 3]);
    assert.equal(read, 1);
    forget();
    await look(1.01);
    await look(2);
    assert.equal(read, 3);
  });
});

describe('ownership', () => {
  const ownership = loadOwnership('definitions');

  it('every error code, and everybody a process asks, finds a team', () => {
    assert.deepEqual(lintOwnership('definitions'), []);
    for (const code of Object.keys(codes)) assert.ok(ownership.find({ code }), code);
    assert.deepEqual([...ownership.teams.keys()].toSorted(), [
      'customer-service',
      'finance',
      'it',
      'operations',
      'warehouse',
    ]);
  });

  it('the first rule that fits names team, escalation and times', () => {
    const teamOf = (owned: Parameters<typeof ownership.find>[0]) => ownership.find(owned)?.team;
    assert.equal(teamOf({ code: 'VALUE_UNMAPPED', flow: 'order-capture' }), 'it');
    assert.equal(teamOf({ code: 'ODOO_REFUSED', flow: 'money-to-odoo' }), 'finance');
    assert.equal(teamOf({ code: 'ODOO_REFUSED', flow: 'stock-to-odoo' }), 'warehouse');
    assert.equal(
      teamOf({ code: 'STEP_LATE', flow: 'order-to-cash', asked: 'order-desk' }),
      'customer-service',
    );
    const found = ownership.find({ code: 'ODOO_AUTH' });
    assert.deepEqual([found?.escalation, found?.due.critical], ['operations', 3_600_000]);
  });

  it('lint names a code and a name that no team gets; a team or code that is none is refused', () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-ownership-'));
    cpSync('definitions', dir, { recursive: true });
    const text = readFileSync('definitions/ownership.yaml', 'utf8');
    const write = (from: string, to: string) => {
      assert.ok(text.includes(from));
      writeFileSync(join(dir, 'ownership.yaml'), text.replace(from, to));
    };
    write('asked: order-desk', 'asked: nobody');
    assert.ok(lintOwnership(dir).some(({ code, node }) => code === 'TEAM_MISSING' && node === 'order-desk'));
    write('owner: analyst', 'owner: nobody');
    assert.ok(lintOwnership(dir).some(({ node }) => node === 'VALUE_UNMAPPED'));
    write('team: customer-service', 'team: nobody');
    assert.throws(() => loadOwnership(dir), coded('CONFIG_INVALID'));
    write('ODOO_AUTH', 'ODOO_OATH');
    assert.throws(() => loadOwnership(dir), coded('CONFIG_INVALID'));
    rmSync(dir, { recursive: true });
  });
});

describe('embedded issues', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'crossdock-issues-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  issuesConformance(
    'embedded',
    () => openJournal({ profile: 'embedded', dataDir, env: {} }),
    async (sql) => {
      const db = new DatabaseSync(join(dataDir, 'crossdock.db'));
      db.exec(sql);
      db.close();
    },
  );
});

describeReal(['postgres'], 'PostgreSQL issues', ({ postgres: { url } }) => {
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let admin: pg.Pool;
  before(() => (admin = new pg.Pool({ connectionString: url, max: 1, options: `-c search_path=${schema}` })));
  beforeEach(() => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });

  issuesConformance(
    'PostgreSQL',
    () => postgresJournal({ url, schema }),
    async (sql) => void (await admin.query(sql)),
  );
});
