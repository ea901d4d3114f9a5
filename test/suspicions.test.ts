/** Each detector by itself: what it tells, when it is silent, and what is kept of it. */
import assert from 'node:assert/strict';
import type { CanonicalOrder } from '../runtime/odoo/canonical-order.ts';
import { detectCounts, onePerCause } from '../runtime/suspicions/detect.ts';
import { drift } from '../runtime/suspicions/drift.ts';
import { duplicates, type PrintedOrder } from '../runtime/suspicions/duplicates.ts';
import { errorShare, type Failure } from '../runtime/suspicions/error-share.ts';
import { outliers } from '../runtime/suspicions/outliers.ts';
import { markKey, printOf } from '../runtime/odoo/order/print.ts';
import { modifiedZ, quantile, usualOf } from '../runtime/suspicions/robust.ts';
import { HOUR_MS, seriesOf, type HourCount, type Series } from '../runtime/suspicions/series.ts';
import { silence } from '../runtime/suspicions/silence.ts';
import { volume } from '../runtime/suspicions/volume.ts';

const key = markKey('secret');
const FIRST = Date.parse('2026-01-05T00:00:00.000Z') / HOUR_MS;
const NOW = Date.parse('2026-03-02T00:00:00.000Z');

/** So many each hour, as `count` says of the hour since the first. */
function hourly(
  weeks: number,
  count: (hour: number) => number,
  metric: HourCount['metric'] = 'received',
): Series {
  const hours = Array.from({ length: weeks * 168 }, (_, at) => ({
    hour: FIRST + at,
    metric,
    partner: 'acme',
    count: count(at),
    totalMs: count(at) * 100,
  }));
  return seriesOf(hours, FIRST + weeks * 168)[0]!;
}

/** Not all weeks are alike. */
const wave = (at: number): number => 60 + ((at * 7) % 11) - 5;
const last = (weeks: number): number => FIRST + weeks * 168 - 1;

describe('robust statistics', () => {
  it('are not moved by one odd value, and have a scale where more than half are alike', () => {
    assert.deepEqual(usualOf([1, 2, 3, 4, 1000]), { median: 3, scale: 1 / 0.6745, points: 5 });
    assert.ok(Math.abs(usualOf([5, 5, 5, 5, 9]).scale - 0.8 * 1.253_314) < 1e-9);
    assert.equal(usualOf([5, 5, 5]).scale, 0);
    assert.equal(quantile([1, 2, 3, 4], 0.5), 2.5);
  });

  it('give the modified z-score of Iglewicz & Hoaglin, a little less with few points', () => {
    const many = modifiedZ(10, { median: 3, scale: 2 / 0.6745, points: 1e9 });
    assert.ok(Math.abs(many - (0.6745 * 7) / 2) < 1e-6);
    assert.ok(modifiedZ(10, { median: 3, scale: 2 / 0.6745, points: 4 }) < many);
  });
});

describe('volume', () => {
  it('tells what is halved for three hours, with its numbers', () => {
    const found = volume(
      hourly(8, (at) => (at >= 8 * 168 - 3 ? 25 : wave(at))),
      last(8),
    )!;
    assert.equal(found.direction, 'less');
    assert.equal(found.observed, 75);
    assert.ok(found.expected > 160 && found.expected < 200, String(found.expected));
    assert.equal(found.points, 7);
    assert.equal(found.since, (last(8) - 2) * HOUR_MS);
    assert.ok(found.score < -3.5);
  });

  it('is silent of what is usual, of four weeks too few, of a few pieces, and of fewer failures', () => {
    const halved = (weeks: number, metric?: 'failed') =>
      volume(
        hourly(weeks, (at) => (at >= weeks * 168 - 3 ? 20 : wave(at)), metric),
        last(weeks),
      );
    assert.equal(volume(hourly(8, wave), last(8)), undefined);
    assert.equal(halved(4), undefined);
    assert.ok(halved(5));
    assert.equal(halved(8, 'failed'), undefined);
    assert.equal(
      volume(
        hourly(8, (at) => (at === 8 * 168 - 1 ? 8 : 0)),
        last(8),
      ),
      undefined,
    );
  });

  it('tells of the first failures ever: none were before, since the partner was first heard of', () => {
    const counted = (metric: HourCount['metric'], from: number, count: number): HourCount[] =>
      Array.from({ length: 8 * 168 - from }, (_, at) => ({
        hour: FIRST + from + at,
        metric,
        partner: 'acme',
        count,
        totalMs: 0,
      }));
    const all = (['refused', 'failed'] as const).flatMap((metric) => counted(metric, 8 * 168 - 3, 40));
    const series = seriesOf([...counted('received', 0, 40), ...all], last(8) + 1);
    const found = series.flatMap((one) => volume(one, last(8)) ?? []);
    assert.deepEqual(
      found.map(({ metric, observed, expected }) => [metric, observed, expected]),
      [
        ['refused', 120, 0],
        ['failed', 120, 0],
      ],
    );
  });

  it('is alike whatever comes later', () => {
    const odd = (at: number) => (at >= 7 * 168 - 3 && at < 7 * 168 ? 25 : wave(at));
    assert.deepEqual(volume(hourly(8, odd), last(7)), volume(hourly(7, odd), last(7)));
  });

  it('finds something where all weeks before were exactly alike', () => {
    const found = volume(
      hourly(8, (at) => (at >= 8 * 168 - 3 ? 300 : 60)),
      last(8),
    )!;
    assert.equal(found.direction, 'more');
    assert.ok(Number.isFinite(found.score));
  });
});

describe('silence', () => {
  /** One each three hours in the day, none in the night. */
  const little = (at: number): number => (at % 24 >= 6 && at % 3 === 0 ? 1 : 0);

  it('tells of a partner who sends little when more than usual is missed, not of a night', () => {
    const until = (hours: number) =>
      silence(
        hourly(8, (at) => (at > 8 * 168 - hours ? 0 : little(at))),
        last(8),
      );
    assert.equal(until(12), undefined);
    const found = until(48)!;
    assert.equal(found.observed, 0);
    assert.ok(found.expected >= 7 && found.expected < 13, String(found.expected));
    assert.ok(found.points >= 30);
  });

  it('is silent where it is not known what is usual', () => {
    assert.equal(
      silence(
        hourly(3, (at) => (at > 400 ? 0 : 5)),
        last(3),
      ),
      undefined,
    );
    assert.equal(
      silence(
        hourly(8, (at) => (at % 168 === 0 ? 20 : 0)),
        last(8) - 1,
      ),
      undefined,
    );
  });
});

describe('drift', () => {
  const falling = (at: number): number =>
    wave(at) * (1 - 0.3 * Math.min(1, Math.max(0, (at - 7 * 168) / 168)));

  it('tells 30 % less within a week, since some day of it', () => {
    const found = drift(hourly(8, falling), last(8))!;
    assert.equal(found.direction, 'less');
    assert.ok(found.observed < found.expected * 0.8);
    assert.ok(found.since >= (FIRST + 7 * 168) * HOUR_MS, new Date(found.since).toISOString());
  });

  it('is silent of one odd day, of what is usual, and of partners with little', () => {
    const day = (at: number) => (at >= 8 * 168 - 24 ? 5 : wave(at));
    assert.equal(drift(hourly(8, day), last(8)), undefined);
    assert.equal(drift(hourly(8, wave), last(8)), undefined);
    assert.equal(
      drift(
        hourly(8, (at) => (at % 4 === 0 && at < 7 * 168 ? 1 : 0)),
        last(8),
      ),
      undefined,
    );
  });
});

describe('the share of an error code', () => {
  const failures = (recent: string[], before = 100): Failure[] => [
    ...Array.from({ length: before }, (_, at) => ({
      at: NOW - (2 + (at % 26)) * 24 * HOUR_MS,
      partner: 'acme',
      code: at % 2 === 0 ? 'ODOO_REFUSED' : 'SCHEMA_INVALID',
    })),
    ...recent.map((code, at) => ({
      at: NOW - (at + 1) * 60_000,
      partner: 'acme',
      code,
      order: { key: `acme/${at}`, number: `N${at}` },
    })),
  ];
  const mixed = (some: string[]) => [
    ...some,
    ...Array.from({ length: 10 }, (_, at) => (at % 2 === 0 ? 'ODOO_REFUSED' : 'SCHEMA_INVALID')),
  ];

  it('tells a new code with its orders', () => {
    const [found, ...more] = errorShare(failures(mixed(Array.from({ length: 5 }, () => 'TAX_UNKNOWN'))), NOW);
    assert.deepEqual(more, []);
    assert.equal(found!.subject, 'TAX_UNKNOWN');
    assert.equal(found!.observed, 5 / 15);
    assert.ok(found!.expected < 0.01);
    assert.equal(found!.orders.length, 5);
  });

  it('is silent of a few, of the usual mix, and of partners without failures before', () => {
    assert.deepEqual(errorShare(failures(mixed(['A', 'A', 'A', 'A'])), NOW), []);
    assert.deepEqual(errorShare(failures(mixed([])), NOW), []);
    assert.deepEqual(
      errorShare(
        failures(
          Array.from({ length: 9 }, () => 'A'),
          20,
        ),
        NOW,
      ),
      [],
    );
  });
});

const canonical: CanonicalOrder = {
  source: 'acme',
  id: '1',
  number: 'N1',
  reference: 'PO 7',
  placedAt: '2026-03-01T00:00:00.000Z',
  currency: 'EUR',
  customer: { id: 'c1', name: 'Ann Smith' },
  shipTo: { name: 'Ann Smith', street: 'High Street 1', city: 'Leeds', country: 'GB' },
  pricesIncludeTax: false,
  lines: [
    { id: '1', sku: 'A', name: 'Lamp', quantity: '2', unitPrice: '10.00', taxes: [] },
    { id: '2', sku: 'B', name: 'Bulb', quantity: '1', unitPrice: '5', taxes: [] },
  ],
  totals: { net: '25.00', tax: '0', gross: '25.00' },
};

function printed(order: CanonicalOrder, hoursAgo = 1): PrintedOrder {
  const at = NOW - hoursAgo * HOUR_MS;
  return {
    ...printOf(order, new Date(at), key),
    at,
    partner: order.source,
    key: `${order.source}/${order.id}`,
  };
}

describe('orders that come twice', () => {
  const [a, b] = canonical.lines as [CanonicalOrder['lines'][number], CanonicalOrder['lines'][number]];
  const again: CanonicalOrder = {
    ...canonical,
    id: '2',
    number: 'N2',
    reference: 'PO 8',
    lines: [
      { ...b, id: '9' },
      { ...a, quantity: '2.0', unitPrice: '10', sku: 'a ' },
    ],
    shipTo: { street: 'HIGH STREET, 1', city: 'leeds', country: 'GB' },
  };

  it('are told, whatever the order of lines and the letters of the address', () => {
    const [found, ...more] = duplicates([printed(canonical, 40), printed(again)], NOW);
    assert.deepEqual(more, []);
    assert.equal(found!.kind, 'duplicate-order');
    assert.deepEqual(
      found!.orders.map(({ number }) => number),
      ['N1', 'N2'],
    );
  });

  it('are others with another quantity, address, total or number, and later than 72 hours', () => {
    const others: CanonicalOrder[] = [
      { ...again, lines: [b, { ...a, quantity: '3' }] },
      { ...again, shipTo: { street: 'High Street 2', city: 'Leeds', country: 'GB' } },
      { ...again, totals: { ...again.totals, gross: '24.00' } },
      { ...again, number: 'N1' },
    ];
    for (const other of others)
      assert.deepEqual(duplicates([printed(canonical, 40), printed(other)], NOW), []);
    assert.deepEqual(duplicates([printed(canonical, 80), printed(again)], NOW), []);
  });

  it('a purchase order number used twice is told, not where that is usual', () => {
    const other = { ...again, reference: 'po-7', totals: { ...again.totals, gross: '1.00' } };
    const [found] = duplicates([printed(canonical, 400), printed(other)], NOW);
    assert.equal(found!.kind, 'reused-reference');
    const calledOff = Array.from({ length: 60 }, (_, at) =>
      printed(
        {
          ...canonical,
          id: `x${at}`,
          number: `X${at}`,
          reference: `C${at >> 1}`,
          totals: { ...canonical.totals, gross: String(at) },
        },
        300,
      ),
    );
    assert.deepEqual(duplicates([...calledOff, printed(canonical, 400), printed(other)], NOW), []);
  });

  it('nothing that is kept names a person or an address', () => {
    assert.doesNotMatch(JSON.stringify(printed(canonical)), /ann|smith|street|leeds|PO 7/i);
  });

  it('marks say nothing to who does not have the key, whatever address is tried', () => {
    const at = new Date(NOW);
    const marksBy = (secret: string) => {
      const { same, reference } = printOf(canonical, at, markKey(secret));
      return [same, reference];
    };
    const [mine, others] = [marksBy('secret'), marksBy('another')];
    assert.deepEqual(marksBy('secret'), mine);
    for (const [n, mark] of mine.entries()) {
      assert.equal(mark!.length, 24);
      assert.notEqual(mark, others[n]);
    }
  });
});

describe('prices and quantities', () => {
  const orders = (quantity: string, price: string, before = 30): PrintedOrder[] => {
    const of = (id: number, line: [string, string], hours: number) =>
      printed(
        {
          ...canonical,
          id: String(id),
          number: `N${id}`,
          lines: [{ ...canonical.lines[0]!, quantity: line[0], unitPrice: line[1] }],
        },
        hours,
      );
    const usual = Array.from({ length: before }, (_, at) =>
      of(at, [String(8 + (at % 5)), '19.90'], 100 + at),
    );
    return [...usual, of(999, [quantity, price], 1)];
  };

  it('tells 1000 instead of 10, and a point in the wrong place, with what is usual', () => {
    const [quantity, ...more] = outliers(orders('1000', '19.90'), NOW);
    assert.deepEqual(more, []);
    assert.deepEqual([quantity!.kind, quantity!.subject, quantity!.observed], ['quantity', 'A', 1000]);
    assert.ok(Math.abs(quantity!.expected - 10) < 1e-9);
    for (const [price, direction] of [
      ['199.00', 'more'],
      ['1.99', 'less'],
    ] as const) {
      const [found] = outliers(orders('10', price), NOW);
      assert.deepEqual([found!.kind, found!.direction, found!.points], ['price', direction, 30]);
    }
  });

  it('is silent of what is usual, of a discount, of little history', () => {
    for (const [quantity, price] of [
      ['12', '19.90'],
      ['1', '19.90'],
      ['10', '17.90'],
      ['30', '19.90'],
    ] as const)
      assert.deepEqual(outliers(orders(quantity, price), NOW), [], `${quantity} at ${price}`);
    assert.deepEqual(outliers(orders('1000', '19.90', 19), NOW), []);
  });
});

describe('all detectors', () => {
  it('a partner that stops is one finding of all detectors', () => {
    const stopped = hourly(8, (at) => (at >= 8 * 168 - 5 ? 0 : wave(at)));
    const found = detectCounts([stopped], (last(8) + 1) * HOUR_MS + 900_000);
    assert.ok(found.length > 1);
    assert.deepEqual(
      onePerCause(found).map(({ kind }) => kind),
      ['silence'],
    );
  });
});
