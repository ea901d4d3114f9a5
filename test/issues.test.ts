/** Issues: what is grouped as one repair, who gets it, and what people decide about it. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, cpSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { partnerOrder } from '../cli/samples.ts';
import { envelope } from '../runtime/envelope/envelope.ts';
import { CodedError, type Facts } from '../runtime/errors/coded-error.ts';
import { codes, type Code } from '../runtime/errors/codes.ts';
import { openJournal } from '../runtime/hub/profile.ts';
import type { DeadLetter, Journal } from '../runtime/journal/journal.ts';
import { toRow } from '../runtime/journal/letters.ts';
import { lintOwnership } from '../runtime/lint/ownership.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { readSchema } from '../runtime/schema/schema.ts';
import { actOn, issueNamed, type Act, type Acting } from '../runtime/tower/issue-actions.ts';
import { keepIssues } from '../runtime/tower/issue-keeping.ts';
import { liveIssues, told, type Issue } from '../runtime/tower/issues.ts';
import type { Asking } from '../runtime/process/state.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { coded } from './conformance/broker.ts';
import { letter } from './conformance/journal.ts';

const start = new Date('2026-03-01T10:00:00.000Z');
const later = (minutes: number) => new Date(start.getTime() + minutes * 60_000);

/** Of a process row. */
const bare = { started: null, updated: later(-7).toISOString(), step: null, planned: null, team: null };

let dataDir: string;
let journal: Journal;
beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'crossdock-issues-'));
  journal = await openJournal({ profile: 'embedded', dataDir, env: {} });
});
afterEach(async () => {
  await journal.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const acting = (): Acting => ({
  queue: { issues: journal.issues, ownership: loadOwnership('definitions'), tiers: new Map() },
  write: journal.issues,
});
const live = (now = later(1)) => liveIssues(acting().queue, now);

interface Fault {
  flow: string;
  code: Code;
  reason: string;
  facts?: Facts;
}

/** A letter of order `n` of this partner. */
function letterOf(n: number, partner: string, { flow, code, reason, facts = {} }: Fault): DeadLetter {
  const number = `${partner.slice(0, 2).toUpperCase()}-${1000 + n}`;
  const data = { source: partner, id: `${n}`, number, currency: 'EUR', totals: { gross: `${n}.10` } };
  const known = { type: 'order.received.v1', source: partner, subject: number, flow, flowversion: '1' };
  const time = later(-n).toISOString();
  return letter({
    id: `${flow}/${partner}/${n}`,
    queue: flow,
    flow,
    message: envelope({ ...known, id: `${n}`, data }),
    code,
    reason,
    facts,
    firstFailed: time,
    lastFailed: time,
  });
}

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
    const valid = JSON.parse(partnerOrder('acme', 'A', [], start)) as { lines: unknown[] };
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
    const rows = letters.map((one) => ({ ...toRow(one), id: one.id }));
    const stub = { ...journal.issues, letters: () => Promise.resolve(rows) };
    const issues = await liveIssues({ ...acting().queue, issues: stub }, later(1));
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

  const unmapped = (map: string, value: string): Fault => ({
    flow: 'order-capture',
    code: 'VALUE_UNMAPPED',
    reason: `The value map ${map} has no entry for '${value}'`,
    facts: { map, value, source: 'acme' },
  });

  it('what is repaired apart stays apart', async () => {
    const faults = [unmapped('tax', 'GST 7%'), unmapped('tax', 'GST 5%'), unmapped('uom', 'GST 7%')];
    for (const [n, fault] of faults.entries()) await journal.bury(letterOf(n, 'acme', fault));
    await journal.bury(
      letterOf(9, 'shopify', { ...faults[0]!, facts: { ...faults[0]!.facts, source: 'shopify' } }),
    );
    assert.equal((await live()).length, 4);
  });

  it('says how many orders and how much money wait, each order once, by currency', async () => {
    const fault = unmapped('tax', 'GST 7%');
    for (const n of [1, 2, 3]) await journal.bury(letterOf(n, 'acme', fault));
    const twice = letterOf(3, 'acme', fault);
    await journal.bury({ ...twice, id: 'again' });
    const other = letterOf(4, 'acme', fault);
    const data = { ...(other.message.data as object), currency: 'USD', totals: { gross: '0.30' } };
    await journal.bury({ ...other, message: { ...other.message, data } });
    const raw = letterOf(5, 'acme', fault);
    await journal.bury({ ...raw, message: { ...raw.message, data: { source: 'acme' } } });
    const [issue] = await told(acting().queue, await live());
    assert.deepEqual(issue?.money, [
      { currency: 'EUR', amount: '6.3' },
      { currency: 'USD', amount: '0.3' },
    ]);
    assert.deepEqual(
      [issue.count, issue.orders, issue.unpriced, issue.oldest, issue.why],
      [6, 5, 1, later(-5).toISOString(), fault.reason],
    );
  });
});

describe('issues of processes', () => {
  const row = {
    process: 'order-to-cash',
    state: 'running',
    due: null,
    attention: 1 as const,
    warehouse: null,
    body: '{}',
    ...bare,
  };
  const add = async (number: string, partner: string, asks: readonly Partial<Asking>[]) => {
    const own = { key: `shop/${number}`, number, partner, amount: '10.10', currency: 'EUR' };
    await journal.processes.add({ ...row, ...own, asks: JSON.stringify(asks) });
  };
  const late = {
    to: 'warehouse',
    why: 'shipment is late',
    step: 'shipment',
    is: 'STEP_LATE',
    at: later(-5).toISOString(),
  } as const;
  const held = {
    to: 'finance',
    why: 'order.held.v1',
    step: 'hold',
    is: 'PROCESS_HELD',
    at: later(-9).toISOString(),
  } as const;

  it('are what is asked of whom, by step and partner; a process can ask twice', async () => {
    await add('1', 'acme', [late]);
    await add('2', 'acme', [late, held]);
    await add('3', 'shopify', [late]);
    const issues = (await live()).toSorted((a, b) => (a.code + a.partner < b.code + b.partner ? -1 : 1));
    assert.deepEqual(
      issues.map(({ code, partner, team, asked, count, money, of }) => [
        code,
        partner,
        team,
        asked,
        count,
        money,
        of,
      ]),
      [
        ['PROCESS_HELD', 'acme', 'finance', 'finance', 1, [{ currency: 'EUR', amount: '10.1' }], 'processes'],
        [
          'STEP_LATE',
          'acme',
          'warehouse',
          'warehouse',
          2,
          [{ currency: 'EUR', amount: '20.2' }],
          'processes',
        ],
        [
          'STEP_LATE',
          'shopify',
          'warehouse',
          'warehouse',
          1,
          [{ currency: 'EUR', amount: '10.1' }],
          'processes',
        ],
      ],
    );
  });

  it('of instances from before, which say only in words what they ask, are the same', async () => {
    const old = ({ to, why, step }: Partial<Asking>) => ({ to, why, step }) as Partial<Asking>;
    await add('1', 'acme', [late]);
    await add('2', 'acme', [
      old(late),
      old(held),
      { to: 'order-desk', why: 'order failed with ODOO_REFUSED', step: 'order' },
    ]);
    const found = (await live()).map(({ code, count }) => `${code} ${count}`).toSorted();
    assert.deepEqual(found, ['PROCESS_HELD 1', 'STEP_FAILED 1', 'STEP_LATE 2']);
  });

  it('are resolved when no process asks any more', async () => {
    await add('1', 'acme', [late]);
    await keepIssues(acting(), later(1));
    const [issue] = await live();
    const kept = await journal.processes.get('order-to-cash', 'shop/1');
    await journal.processes.replace({ ...kept!, attention: 0, asks: null });
    await keepIssues(acting(), later(2));
    assert.equal((await issueNamed(acting().queue, issue!.id, later(3))).state, 'resolved');
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

describe('decisions about an issue', () => {
  const fault: Fault = {
    flow: 'order-capture',
    code: 'KEY_MISSING',
    reason: 'no text',
    facts: { setting: 'key' },
  };
  let issue: Issue;
  beforeEach(async () => {
    await journal.bury(letterOf(1, 'acme', fault));
    [issue] = (await live()) as [Issue];
  });
  const act = (does: Act, { by = 'ann', at = later(1), revision = issue.revision } = {}) =>
    actOn(acting(), { id: issue.id, revision, by }, does, at);
  const look = async (at = later(2)) => (issue = await issueNamed(acting().queue, issue.id, at));
  const keep = (at: Date) => keepIssues(acting(), at);
  const history = async () =>
    (await journal.issues.events(issue.id)).toReversed().map(({ who, what }) => `${who} ${what}`);

  it('goes from open to acknowledged and waiting, with a history', async () => {
    assert.deepEqual([issue.state, issue.team, issue.revision], ['open', 'it', 0]);
    await act({ do: 'acknowledge' });
    assert.deepEqual([(await look()).state, issue.person], ['acknowledged', 'ann']);
    await act({ do: 'assign', person: 'bob', team: 'finance' });
    assert.deepEqual([(await look()).team, issue.person, issue.state], ['finance', 'bob', 'acknowledged']);
    const until = later(60).toISOString();
    await act({ do: 'wait', on: 'Acme', until });
    assert.deepEqual(
      [(await look()).state, issue.waitsOn, issue.due, issue.late],
      ['waiting', 'Acme', until, false],
    );
    await act({ do: 'note', text: 'They call back' });
    assert.equal((await look()).note, 'They call back');
    assert.deepEqual(await history(), ['ann acknowledge', 'ann assign', 'ann wait', 'ann note']);
  });

  it('waiting and being muted end by themselves; muting needs a reason and an end', async () => {
    await act({ do: 'wait', on: 'Acme', until: later(60).toISOString() });
    await keep(later(59));
    assert.equal((await look(later(59))).state, 'waiting');
    assert.equal((await look(later(61))).state, 'acknowledged');
    await keep(later(61));
    await look(later(61));
    for (const wrong of [
      { reason: ' ', until: later(200).toISOString() },
      { reason: 'known', until: later(61).toISOString() },
      { reason: 'known', until: 'soon' },
      { reason: 'known', until: later(200 * 24 * 60).toISOString() },
    ])
      await assert.rejects(act({ do: 'mute', ...wrong }, { at: later(62) }), coded('REQUEST_INVALID'));
    await act({ do: 'mute', reason: 'a known defect', until: later(100).toISOString() }, { at: later(62) });
    assert.equal((await look(later(99))).state, 'muted');
    await keep(later(101));
    assert.deepEqual([(await look(later(101))).state, issue.until], ['open', undefined]);
    assert.deepEqual(await history(), [
      'ann wait',
      'crossdock waiting ended',
      'ann mute',
      'crossdock mute ended',
    ]);
  });

  it('is resolved when all landed or were discarded, and open again when something fails anew', async () => {
    await act({ do: 'acknowledge' });
    await journal.bury(letterOf(2, 'acme', fault));
    await journal.move('order-capture/acme/1', ['open'], 'discarded');
    await journal.move('order-capture/acme/2', ['open'], 'replayed');
    await keep(later(2));
    // What was sent again has not landed yet.
    assert.deepEqual([(await look()).state, issue.count, issue.running], ['acknowledged', 0, 1]);
    await journal.settled('order-capture/acme/2', 'the replay');
    await keep(later(3));
    assert.deepEqual([(await look()).state, (await live()).length], ['resolved', 0]);
    await assert.rejects(act({ do: 'acknowledge' }), coded('ISSUE_CHANGED'));
    await journal.bury(letterOf(2, 'acme', fault));
    assert.equal((await look()).state, 'open');
    await keep(later(4));
    assert.deepEqual(await history(), ['ann acknowledge', 'crossdock resolved', 'crossdock reopened']);
  });

  it('of two at once the second is told what the first did', async () => {
    await act({ do: 'assign', person: 'bob' });
    await assert.rejects(act({ do: 'assign', person: 'cem' }, { by: 'dora' }), (error: CodedError) => {
      assert.equal(error.code, 'ISSUE_CHANGED');
      assert.match(error.message, /ann: assign \(bob\)/);
      return true;
    });
    await look();
    const both = await Promise.allSettled([
      act({ do: 'acknowledge' }, { by: 'ann' }),
      act({ do: 'acknowledge' }, { by: 'dora' }),
    ]);
    assert.deepEqual(both.map(({ status }) => status).toSorted(), ['fulfilled', 'rejected']);
  });

  it('refuses an issue and a team that are not there', async () => {
    await assert.rejects(
      actOn(acting(), { id: 'none', revision: 0, by: 'ann' }, { do: 'acknowledge' }, later(1)),
      coded('ISSUE_UNKNOWN'),
    );
    await assert.rejects(act({ do: 'assign', team: 'nobody' }), coded('REQUEST_INVALID'));
  });

  it('gives letters from before there were issues theirs', async () => {
    const db = new (await import('node:sqlite')).DatabaseSync(join(dataDir, 'crossdock.db'));
    db.exec("UPDATE dead_letter SET issue = '', subject = '', partner = ''");
    db.close();
    await keep(later(2));
    assert.deepEqual([(await live())[0]?.id, (await live())[0]?.partner], [issue.id, 'acme']);
  });
});
