/** Runs of a reconciliation: what the hub knows, kept and signed, told at a terminal and in a spreadsheet; and its tolerances. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codes } from '../runtime/errors/codes.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { lintOwnership } from '../runtime/lint/ownership.ts';
import { lintReconciliation } from '../runtime/lint/reconciliation.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { applied } from '../runtime/process/instance.ts';
import { rowOf } from '../runtime/process/engine/row.ts';
import { newInstance } from '../runtime/process/state.ts';
import { breakClasses, stages } from '../runtime/reconcile/break-classes.ts';
import { breakCalled } from '../runtime/reconcile/break-called.ts';
import { accept, decisionsOf, explain, refOf, stateOf } from '../runtime/reconcile/decisions.ts';
import type { HubOrder } from '../runtime/reconcile/facts.ts';
import { readHub } from '../runtime/reconcile/read-hub.ts';
import { lineOf } from '../runtime/reconcile/read-orders.ts';
import { codeOf, reconcile } from '../runtime/reconcile/reconcile.ts';
import { reportCsv, reportText } from '../runtime/reconcile/report.ts';
import { readRun, runId, runOf, runText, sealRun } from '../runtime/reconcile/run.ts';
import { keepRun, keptRun, listRuns } from '../runtime/reconcile/kept-runs.ts';
import { loadTolerances, usual } from '../runtime/reconcile/tolerances.ts';
import { keyId } from '../runtime/signature/signature.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { uninvoiced } from './reconcile-changes.ts';
import { chain, changed, cutOff, factsOf, tolerances } from './reconcile-kit.ts';

const { privateKey: key } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyId(createPublicKey(key)), createPublicKey(key)]]);
const scope = { since: '2026-08-30T00:00:00.000Z', cutOff };

function sealed() {
  const given = changed(chain(1), (one) => {
    uninvoiced(one);
    one.hub.source = '=cmd';
    one.odoo.key!.source = '=cmd';
  });
  const found = reconcile(factsOf([given, chain(2)]), { cutOff, tolerances });
  return sealRun(runOf(found, { scope, database: 'odoo', tolerances }), key);
}

const folder = mkdtempSync(join(tmpdir(), 'crossdock-reconcile-'));
after(() => rmSync(folder, { recursive: true }));
let stores = 0;
const journalAside = () => embeddedJournal(openStore(join(folder, `${(stores += 1)}.db`)));

describe('a run', () => {
  it('is the same to the byte for the same books, and as it was signed', () => {
    const [first, second] = [sealed(), sealed()];
    assert.equal(runText(first), runText(second));
    assert.deepEqual(readRun(runText(first), trusted).run.counts, { missing: 1 });
    assert.match(runId(first), /^2026-11-28T00:00:00\.000Z\/[0-9a-f]{12}$/);
  });

  it('is refused when a byte of it was changed, when nobody trusted signed it, and when it is none', () => {
    const text = runText(sealed());
    const invalid = (why: RegExp) => ({ code: 'RECONCILIATION_INVALID', message: why });
    assert.throws(
      () => readRun(text.replace('"-6"', '"-5"'), trusted),
      invalid(/changed after it was signed/),
    );
    assert.throws(() => readRun(text, new Map()), invalid(/is not trusted here/));
    const other = JSON.parse(text) as ReturnType<typeof sealed>;
    other.signature.value = Buffer.alloc(64).toString('base64');
    assert.throws(() => readRun(JSON.stringify(other), trusted), invalid(/not that of its digest/));
    for (const none of ['', '{}', '[]', 'null'])
      assert.throws(() => readRun(none, trusted), invalid(/no sound/));
  });

  it('is kept once, and never changed', async () => {
    const journal = journalAside();
    const id = await keepRun(journal.documents, sealed());
    assert.equal(await keepRun(journal.documents, sealed()), id);
    assert.equal(await keptRun(journal.documents, id), runText(sealed()));
    const [only, ...more] = await listRuns(journal.documents);
    assert.deepEqual([only!.id, only!.counts, more], [id, { missing: 1 }, []]);
    await assert.rejects(keptRun(journal.documents, 'x'), { code: 'RECONCILIATION_UNKNOWN' });
    await journal.close();
  });

  it('is told with both sides, and opens in a spreadsheet without running anything', () => {
    const { run } = sealed();
    const text = reportText(run, 'x');
    assert.match(
      text,
      /MISSING {2}=cmd #1 {2}invoice {2}-6 pieces {2}16 d {2}no team {2}open {2}[0-9a-f]{10}/,
    );
    assert.match(text, /shipped less returned: 6; invoiced less credited: 0/);
    assert.match(text, /Article B \(B\): 2 and 0/);
    const [head, row] = reportCsv(run).split('\r\n');
    assert.match(head!, /^class,stage,partner,order,/);
    assert.match(row!, /^missing,invoice,'=cmd,#1,/);
    assert.match(row!, /,-6,pieces,/);
  });
});

describe('what people say of a break', () => {
  const [found] = sealed().run.breaks;
  const now = new Date('2026-11-28T09:00:00Z');
  const journal = journalAside();
  const { documents } = journal;
  const state = async (one = found!) => stateOf((await decisionsOf(documents, [one])).get(one.id));
  before(() => keepRun(documents, sealed()));
  after(() => journal.close());

  it('is explained by one and accepted by another', async () => {
    const one = await breakCalled(documents, refOf(found!));
    assert.deepEqual(one, found);
    assert.equal(await state(), 'open');
    await assert.rejects(accept(documents, one, 'finn', now), { code: 'REQUEST_INVALID' });
    await assert.rejects(explain(documents, one, { by: 'ida', why: ' ' }, now), { code: 'REQUEST_INVALID' });
    await explain(documents, one, { by: 'ida', why: 'agreed by phone' }, now);
    assert.equal(await state(), 'explained');
    for (const same of ['ida', 'Ida', ' ida '])
      await assert.rejects(accept(documents, one, same, now), { code: 'FOUR_EYES' });
    await accept(documents, one, 'finn', now);
    const decisions = await decisionsOf(documents, [one]);
    assert.match(
      reportText(sealed().run, 'x', decisions),
      /explained by ida: agreed by phone; accepted by finn/,
    );
  });

  it('counts no more when the break is another, or is explained anew', async () => {
    assert.equal(await state(), 'accepted');
    assert.equal(await state({ ...found!, right: { what: '', amount: '1' } }), 'open');
    await explain(documents, found!, { by: 'finn', why: 'no, it was lost' }, now);
    assert.equal(await state(), 'explained');
    await assert.rejects(breakCalled(documents, 'x'), { code: 'RECONCILIATION_UNKNOWN' });
  });
});

describe('what the hub knows of an order', () => {
  const definition = loadProcesses('definitions').get('order-to-cash')!;
  const reference = { source: 'shop', id: '7', number: '#7' };
  const document = (model: string, id: number, more: object = {}) => ({
    order: reference,
    message: { source: 'x', id: String(id) },
    document: { model, id, name: `${model}/${id}`, state: 'done', ...more },
  });
  const line = { id: '1', sku: 'A', name: 'Article', quantity: '4.0', unitPrice: '12.00', discount: '8' };
  const received = { ...reference, currency: 'EUR', totals: { gross: '45.00' }, lines: [] };
  const charges = [{ id: 's', code: 'post', name: 'Post', price: '5.00' }];
  const confirmed = { ...document('sale.order', 42), lines: [line], charges };

  /** The events, an hour apart from 10:00 on. */
  async function read(events: [type: string, data: object][], at = cutOff): Promise<HubOrder[]> {
    const journal = journalAside();
    let instance = newInstance(definition, 'shop/7');
    for (const [index, [type, data]] of events.entries())
      instance = await applied(
        definition,
        instance,
        { id: String(index), type, data },
        new Date(Date.UTC(2026, 10, 20, 10 + index)),
      );
    await journal.processes.add(rowOf(instance, definition));
    const found = await readHub(journal.processes, definition, { ...scope, cutOff: at });
    await journal.close();
    return found;
  }

  it('comes from the events of its process, once each', async () => {
    const invoice = document('account.move', 9, { total: '45.00' });
    const [order, ...more] = await read([
      ['order.received.v1', received],
      ['order.confirmed.v1', confirmed],
      [
        'shipment.booked.v1',
        { ...document('stock.picking', 5, { open: 0 }), lines: [{ sku: 'A', quantity: '4' }] },
      ],
      ['invoice.posted.v1', invoice],
      ['invoice.posted.v1', document('account.move', 9, { total: '0.00' })],
      ['payment.booked.v1', document('account.payment', 3, { total: '45.00' })],
    ]);
    assert.deepEqual(more, []);
    assert.deepEqual(order, {
      source: 'shop',
      id: '7',
      number: '#7',
      heard: '2026-11-20T10:00:00.000Z',
      gross: '45.00',
      currency: 'EUR',
      taxIncluded: true,
      held: false,
      cancelled: false,
      confirmed: { sale: 42, at: '2026-11-20T11:00:00.000Z' },
      lines: [
        { kind: 'line', id: '1', sku: 'A', quantity: '4', price: '12', discount: '8' },
        { kind: 'charge', id: 's', sku: 'post', quantity: '1', price: '5', discount: '0' },
      ],
      shipments: [
        {
          document: 5,
          name: 'stock.picking/5',
          at: '2026-11-20T12:00:00.000Z',
          lines: [{ sku: 'A', quantity: '4' }],
        },
      ],
      invoices: [{ document: 9, name: 'account.move/9', at: '2026-11-20T13:00:00.000Z', total: '45' }],
      payments: [{ document: 3, name: 'account.payment/3', at: '2026-11-20T15:00:00.000Z', total: '45' }],
    });
  });

  it('ends at the cut-off, but for the transfers it has word of', async () => {
    const [order] = await read(
      [
        ['order.received.v1', received],
        ['order.confirmed.v1', confirmed],
        ['shipment.booked.v1', { ...document('stock.picking', 5, { open: 0 }), lines: [] }],
        ['invoice.posted.v1', document('account.move', 9, { total: '45.00' })],
      ],
      '2026-11-20T11:30:00.000Z',
    );
    assert.deepEqual([order!.invoices, order!.shipments.length], [[], 1]);
    assert.deepEqual(await read([['order.received.v1', received]], '2026-11-20T09:00:00.000Z'), []);
  });

  it('is what the partner said last, and then has no total', async () => {
    const updated = { ...document('sale.order', 42, { open: 1 }), lines: [{ ...line, quantity: '1' }] };
    const [order] = await read([
      ['order.received.v1', received],
      ['order.confirmed.v1', confirmed],
      ['order.updated.v1', updated],
    ]);
    assert.deepEqual(
      [order!.lines!.map(({ quantity }) => quantity), order!.gross, order!.taxIncluded],
      [['1'], undefined, true],
    );
  });

  it('may be that it is held, or cancelled', async () => {
    const held = { ...document('sale.order', 42), hold: 'credit', lines: [line] };
    const [one] = await read([
      ['order.received.v1', received],
      ['order.held.v1', held],
    ]);
    assert.deepEqual([one!.held, one!.confirmed, one!.lines!.length], [true, undefined, 1]);
    const [other] = await read([
      ['order.received.v1', received],
      ['order.confirmed.v1', confirmed],
      ['order.cancelled.v1', document('sale.order', 42)],
    ]);
    assert.equal(other!.cancelled, true);
  });

  it('is found in the external id of a line, and nothing of another order', () => {
    const base = 'shop.order_1_5f2';
    assert.deepEqual(lineOf(base, `${base}_line_7`), { kind: 'line', id: '7' });
    assert.deepEqual(lineOf(base, `${base}_line_a_5fb_discount`), { kind: 'line', id: 'a_b', off: true });
    assert.deepEqual(lineOf(base, `${base}_charge_s`), { kind: 'charge', id: 's' });
    assert.deepEqual(lineOf(base, `${base}_rounding`), { kind: 'rounding', id: '' });
    for (const other of [undefined, 'shop.order_1_line_7', `${base}2_line_7`, `${base}_note`])
      assert.equal(lineOf(base, other), undefined);
  });
});

describe('tolerances', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-tolerances-'));
    for (const name of ['reconciliation.yaml', 'ownership.yaml'])
      cpSync(join('definitions', name), join(dir, name));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const edit = (from: string, to: string) => {
    const file = join(dir, 'reconciliation.yaml');
    const text = readFileSync(file, 'utf8');
    assert.ok(text.includes(from), from);
    writeFileSync(file, text.replace(from, to));
  };

  it('are those of a hub without the file', () => {
    assert.deepEqual(loadTolerances('definitions'), usual);
    rmSync(join(dir, 'reconciliation.yaml'));
    assert.deepEqual(loadTolerances(dir), usual);
  });

  it('are amounts and times', () => {
    for (const [from, to] of [
      ["line: '0.01'", "line: '-1'"],
      ["line: '0.01'", 'line: 0.01'],
      ['order: 4h', 'order: soon'],
      ['period: 3', 'perod: 3'],
    ] as const) {
      edit(from, to);
      assert.throws(() => loadTolerances(dir), { code: 'CONFIG_INVALID' }, to);
      edit(to, from);
    }
  });

  it('that hide breaks are told by the linter', () => {
    assert.deepEqual(lintReconciliation(dir), []);
    edit("most: '0.01'", "most: '5'");
    edit('invoice: 1d', 'invoice: 90d');
    assert.deepEqual(
      lintReconciliation(dir).map(({ code, node }) => [code, node]),
      [
        ['TOLERANCE_WIDE', 'rounding.most'],
        ['TOLERANCE_WIDE', 'within.invoice'],
      ],
    );
  });

  it('have a code for each class, and each break a team', () => {
    const ownership = loadOwnership(dir);
    for (const kind of breakClasses) {
      assert.ok(Object.hasOwn(codes, codeOf(kind)), kind);
      for (const step of stages)
        assert.ok(ownership.find({ code: codeOf(kind), partner: 'shop', step })?.team, `${kind} ${step}`);
    }
    assert.equal(ownership.find({ code: 'BREAK_QUANTITY', step: 'shipment' })!.team, 'warehouse');
    assert.equal(ownership.find({ code: 'BREAK_PRICE', step: 'order' })!.team, 'finance');
    assert.deepEqual(lintOwnership('definitions'), []);
  });

  it('and classes stand in the docs', () => {
    const page = readFileSync('docs/operations/reconciliation.md', 'utf8');
    const told = [...page.matchAll(/^\| `([a-z ]+)`/gm)].map(([, kind]) => kind);
    assert.deepEqual(told, [...breakClasses]);
    for (const stage of stages) assert.ok(page.includes(`\`${stage}\``), stage);
  });
});
