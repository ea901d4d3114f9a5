/** What the page of an order tells: milestones, money, documents, what happened; of one with a process and of a trace. */
import assert from 'node:assert/strict';
import { businessDays, tenths } from '../runtime/calendar/business-days.ts';
import { calendarNamed, loadCalendars } from '../runtime/calendar/calendar.ts';
import type { Outcome } from '../runtime/journal/step.ts';
import { loadProcesses } from '../runtime/process/definition.ts';
import { applied, lookedAt } from '../runtime/process/instance.ts';
import { newInstance, type Instance } from '../runtime/process/state.ts';
import { toldDocuments } from '../runtime/tower/order/documents.ts';
import { orderMoney } from '../runtime/tower/order/money.ts';
import { odooLink, recordOf } from '../runtime/tower/order/odoo-link.ts';
import { rail } from '../runtime/tower/order/rail.ts';
import { said, timeline } from '../runtime/tower/order/timeline.ts';
import { orders } from '../runtime/tower/web/texts/en/orders.ts';

const definition = loadProcesses('definitions').get('order-to-cash')!;
const calendar = calendarNamed(loadCalendars('definitions'));
const odoo = 'https://odoo.example.com';

const order = {
  source: 'shopify',
  id: '5001',
  number: '1001',
  currency: 'USD',
  totals: { net: '140.00', tax: '21.00', gross: '161.00' },
};
const lines = [{ sku: 'CHAIR', quantity: '2', unitPrice: '75.00', discount: '10.00' }];
const about = (model: string, id: number, more: object = {}, beside: object = {}) => ({
  order: { source: 'shopify', id: '5001', number: '1001' },
  message: { source: 'x', id: `m${id}` },
  document: { model, id, name: `${model} ${id}`, state: 'done', ...more },
  ...beside,
});
const confirmed = about('sale.order', 7, { state: 'sale', open: 1 }, { lines });
const shipped = (id: number, quantity: string, open: number) =>
  about(
    'stock.picking',
    id,
    { open },
    { lines: [{ sku: 'CHAIR', quantity }], shipment: { tracking: `T${id}` } },
  );
const invoiced = (id: number, total: string, state = 'posted') =>
  about('account.move', id, { state, total, currency: 'USD' });

type Told = [type: string, data: unknown, at: string];

/** An order to which this was told, one after the other. */
async function instanceOf(...told: Told[]): Promise<Instance> {
  let instance = newInstance(definition, 'shopify/5001');
  for (const [index, [type, data, at]] of told.entries())
    instance = await applied(definition, instance, { id: `e${index}`, type, data }, new Date(at));
  return instance;
}

const received: Told = ['order.received.v1', order, '2026-11-23T18:00:00.000Z'];
const standing: Told = ['order.confirmed.v1', confirmed, '2026-11-23T18:01:00.000Z'];
const gone: Told = ['shipment.booked.v1', shipped(11, '2', 0), '2026-11-24T18:00:00.000Z'];
const posted: Told = ['invoice.posted.v1', invoiced(21, '161.00'), '2026-11-24T18:05:00.000Z'];
const paid: Told = [
  'payment.booked.v1',
  about('account.payment', 31, { total: '161.00' }),
  '2026-11-25T18:00:00.000Z',
];

const railAt = (instance: Instance, now: string) => rail(definition, instance, calendar, new Date(now));
const moneyOf = (instance: Instance, given = { ordered: '161.00', currency: 'USD' }) =>
  orderMoney(toldDocuments(definition, instance, odoo), given);

describe('the milestones of an order', () => {
  it('are those that come if all goes well', async () => {
    const [first, ...next] = railAt(await instanceOf(received), '2026-11-23T18:00:30Z');
    assert.deepEqual(first, {
      step: 'order',
      state: 'doing',
      begun: '2026-11-23T18:00:00.000Z',
      planned: '2026-11-23T22:00:00.000Z',
      reports: 0,
    });
    assert.deepEqual(
      next.map(({ step, state, within, after }) => [step, state, within, after]),
      [
        ['shipment', 'waiting', '10d', 'order.confirmed.v1'],
        ['invoice', 'waiting', '4h', 'shipment.booked.v1'],
        ['payment', 'waiting', '30d', 'invoice.posted.v1'],
      ],
    );
  });

  it('say what was planned and when it was done', async () => {
    const instance = await instanceOf(received, standing, gone, posted, paid);
    assert.equal(instance.state, 'done');
    assert.deepEqual(
      railAt(instance, '2026-12-24T00:00:00Z').map(({ step, planned, done, late }) => [
        step,
        planned,
        done,
        late,
      ]),
      [
        ['order', '2026-11-23T22:00:00.000Z', '2026-11-23T18:01:00.000Z', undefined],
        ['shipment', '2026-12-03T18:01:00.000Z', '2026-11-24T18:00:00.000Z', undefined],
        ['invoice', '2026-11-24T22:00:00.000Z', '2026-11-24T18:05:00.000Z', undefined],
        ['payment', '2026-12-24T18:05:00.000Z', '2026-11-25T18:00:00.000Z', undefined],
      ],
    );
  });

  it('are late in business days, before anybody looked, when somebody is asked, and once they are done', async () => {
    const instance = await instanceOf(received, standing);
    // A Thursday 10:01 in Los Angeles; then Monday noon.
    const planned = new Date('2026-12-03T18:01:00.000Z');
    const now = new Date('2026-12-07T20:00:00.000Z');
    const days = tenths(businessDays(calendar, planned, now));
    assert.equal(days, 2);
    const shipment = (of: Instance, at = now) =>
      rail(definition, of, calendar, at).find(({ step }) => step === 'shipment')!;
    assert.equal(shipment(instance).late, days);
    const asked = await lookedAt(definition, instance, now);
    assert.deepEqual([shipment(asked).state, shipment(asked).late], ['late', days]);
    const event = { id: 'late', type: gone[0], data: gone[1] };
    const done = await applied(definition, asked, event, now);
    assert.deepEqual([shipment(done, new Date('2027-01-01')).state, shipment(done).late], ['done', days]);
  });

  it('leave out what this order does not need', async () => {
    const services: Told = [
      'order.confirmed.v1',
      about('sale.order', 7, { open: 0 }),
      '2026-11-23T18:01:00Z',
    ];
    const steps = railAt(await instanceOf(received, services), '2026-11-23T19:00:00Z').map(
      ({ step }) => step,
    );
    assert.deepEqual(steps, ['order', 'services', 'payment']);
    const till = about('sale.order', 7, { open: 1 }, { delivered: true, lines });
    const atTill = await instanceOf(received, ['order.confirmed.v1', till, '2026-11-23T18:01:00Z'], gone);
    const handed = railAt(atTill, '2026-11-24T19:00:00Z').map(({ step }) => step);
    assert.deepEqual(handed, ['order', 'shipment', 'handover', 'invoice', 'payment']);
  });

  it('of a cancelled order end where it ended', async () => {
    const end: Told = [
      'order.cancelled.v1',
      about('sale.order', 7, { state: 'cancel' }),
      '2026-11-24T00:00:00Z',
    ];
    const instance = await instanceOf(received, standing, end);
    assert.deepEqual(
      railAt(instance, '2027-01-01T00:00:00Z').map(({ step, late }) => [step, late]),
      [
        ['order', undefined],
        ['shipment', undefined],
      ],
    );
  });
});

describe('the money of an order', () => {
  it('is none yet where nothing of it came', async () => {
    const none = { none: true };
    assert.deepEqual(moneyOf(await instanceOf(received)), {
      ordered: { value: '161.00', currency: 'USD' },
      shipped: none,
      invoiced: none,
      posted: none,
      paid: none,
    });
  });

  it('is what the documents say, each once', async () => {
    const instance = await instanceOf(received, standing, gone, posted, paid);
    const usd = (value: string) => ({ value, currency: 'USD' });
    assert.deepEqual(moneyOf(instance), {
      ordered: usd('161.00'),
      // Two at 75.00, 10.00 off.
      shipped: usd('140.00'),
      invoiced: usd('161.00'),
      posted: usd('161.00'),
      paid: usd('161.00'),
    });
  });

  it('adds parts as decimals', async () => {
    const instance = await instanceOf(
      received,
      standing,
      ['shipment.booked.v1', shipped(11, '1', 1), '2026-11-24T18:00:00Z'],
      ['invoice.posted.v1', invoiced(21, '0.10'), '2026-11-24T18:01:00Z'],
      ['shipment.booked.v1', shipped(12, '1', 0), '2026-11-25T18:00:00Z'],
      ['invoice.posted.v1', invoiced(22, '0.20', 'draft'), '2026-11-25T18:01:00Z'],
    );
    const { shipped: goods, invoiced: all, posted: some } = moneyOf(instance);
    assert.deepEqual([goods.value, all.value, some.value], ['140.00', '0.30', '0.10']);
  });

  it('that nobody told is not known, and never 0', async () => {
    const instance = await instanceOf(
      received,
      ['order.confirmed.v1', about('sale.order', 7, { open: 1 }), '2026-11-23T18:01:00Z'],
      gone,
      ['invoice.posted.v1', about('account.move', 21, { state: 'posted' }), '2026-11-24T18:05:00Z'],
    );
    const money = orderMoney(toldDocuments(definition, instance, odoo), {});
    assert.deepEqual(money, { ordered: {}, shipped: {}, invoiced: {}, posted: {}, paid: { none: true } });
  });

  it('of an invoice that is told again with nothing stays what it was', async () => {
    const again: Told = ['invoice.posted.v1', invoiced(21, '0.00'), '2026-11-25T18:05:00.000Z'];
    const instance = await instanceOf(received, standing, gone, posted, again);
    assert.deepEqual(moneyOf(instance).invoiced, { value: '161.00', currency: 'USD' });
  });

  it('of several currencies has no sum', async () => {
    const euro = about('account.move', 22, { state: 'posted', total: '5.00', currency: 'EUR' });
    const instance = await instanceOf(received, standing, gone, posted, [
      'invoice.posted.v1',
      euro,
      '2026-11-25T18:05:00Z',
    ]);
    assert.deepEqual(moneyOf(instance).posted, {});
  });
});

describe('the documents of an order', () => {
  it('lead into Odoo, with what was told of them', async () => {
    const instance = await instanceOf(received, standing, gone, posted);
    const found = toldDocuments(definition, instance, odoo).map(({ document }) => document);
    assert.deepEqual(
      found.map(({ kind, name, link }) => [kind, name, link]),
      [
        ['order', 'sale.order 7', `${odoo}/web#id=7&model=sale.order&view_type=form`],
        ['shipment', 'stock.picking 11', `${odoo}/web#id=11&model=stock.picking&view_type=form`],
        ['invoice', 'account.move 21', `${odoo}/web#id=21&model=account.move&view_type=form`],
      ],
    );
    assert.equal(found[1]?.tracking, 'T11');
  });

  it('of a held order is its quotation', async () => {
    const held = about('sale.order', 7, { state: 'draft' }, { hold: 'credit' });
    const instance = await instanceOf(received, ['order.held.v1', held, '2026-11-23T18:01:00Z']);
    const [quotation] = toldDocuments(definition, instance, odoo);
    assert.deepEqual([quotation?.document.kind, quotation?.document.state], ['order', 'draft']);
  });

  it('have no link where ODOO_URL is no address of the web', () => {
    assert.equal(
      odooLink('https://odoo.example.com/', 'sale.order', 7),
      `${odoo}/web#id=7&model=sale.order&view_type=form`,
    );
    for (const url of [undefined, '', 'odoo', 'javascript:alert(1)//x', 'file:///etc'])
      assert.equal(odooLink(url, 'sale.order', 7), undefined);
    assert.equal(odooLink(odoo, 'sale.order&x', 7), undefined);
    assert.equal(odooLink(odoo, 'sale.order', 0), undefined);
    assert.deepEqual(recordOf('sale.order/42'), { model: 'sale.order', id: 42 });
    assert.equal(recordOf('0b2c-17'), undefined);
    assert.equal(recordOf(null), undefined);
  });
});

describe('what happened to an order', () => {
  it('is told in sentences, whoever says it', () => {
    const keys = (what: string) => [said(what).say, said(what).values];
    assert.deepEqual(keys('order.confirmed.v1'), ['event.order.confirmed', { event: 'order.confirmed' }]);
    assert.deepEqual(keys('paused by olga'), ['process.pausedBy', { who: 'olga' }]);
    assert.deepEqual(keys('credit note is late: escalate'), [
      'process.late',
      { step: 'credit note', reaction: 'escalate' },
    ]);
    assert.deepEqual(keys('invoice failed with ODOO_BUSY: retry'), [
      'process.failed',
      { step: 'invoice', code: 'ODOO_BUSY', reaction: 'retry' },
    ]);
    assert.deepEqual(keys('done'), ['process.done', {}]);
    assert.deepEqual(keys('something new'), ['process.other', { what: 'something new' }]);
  });

  it('by the process itself is all known', async () => {
    const late = await lookedAt(definition, await instanceOf(received, standing), new Date('2027-01-01'));
    const whole = await instanceOf(received, standing, gone, posted, paid);
    for (const { what } of [...late.history, ...whole.history])
      assert.notEqual(said(what).say, 'process.other', what);
  });

  it('has words for all that the hub notes and its processes say', () => {
    const outcomes: Record<Outcome, true> = {
      accepted: true,
      refused: true,
      duplicate: true,
      superseded: true,
      dropped: true,
      read: true,
      mapped: true,
      published: true,
      landed: true,
      retrying: true,
      outage: true,
      parked: true,
      exception: true,
      replayed: true,
      discarded: true,
    };
    const history = [
      'x is late: pause',
      'x failed with Y: retry',
      'fails with X: y: paused',
      'x was taken back',
    ];
    const byPeople = [
      'paused by x',
      'resumed by x',
      'released by x',
      'x stepped by y',
      'compensation asked for by x',
    ];
    const ends = ['done', 'cancelled', 'undone', 'x is taken back: y', 'anything'];
    const says = [
      ...Object.keys(outcomes).map((outcome) => `did.${outcome}`),
      ...[...history, ...byPeople, ...ends, ...definition.events].map((what) => said(what).say),
    ];
    assert.deepEqual(
      says.filter((say) => !Object.hasOwn(orders, say)),
      [],
    );
    for (const step of Object.keys(definition.steps)) assert.ok(Object.hasOwn(orders, `step.${step}`), step);
  });

  it('is in the order of time, technical steps apart', () => {
    const row = (time: string, outcome: string, reference: string | null = null) => ({
      time,
      outcome,
      reference,
      correlation_id: 'c',
      step: 's',
      flow: 'f',
      code: null,
      detail: 'S00007 sale',
    });
    const entries = timeline(
      [
        row('2026-01-01T00:00:00Z', 'accepted'),
        row('2026-01-01T00:00:01Z', 'mapped'),
        row('2026-01-01T00:00:03Z', 'landed', 'sale.order/7'),
      ],
      [{ at: '2026-01-01T00:00:02Z', what: 'order.received.v1' }],
      odoo,
    );
    assert.deepEqual(
      entries.map(({ say, technical, tone, link }) => [say, technical, tone, link !== undefined]),
      [
        ['did.accepted', true, 'plain', false],
        ['did.mapped', true, 'plain', false],
        ['event.order.received', false, 'plain', false],
        ['did.landed', false, 'good', true],
      ],
    );
  });
});
