/** What the tower's pages are made with, as far as it needs no browser. */
import assert from 'node:assert/strict';
import { hrefOf, matched } from '../runtime/tower/web/kit/address.ts';
import { csv } from '../runtime/tower/web/shared/csv.ts';
import { sortedBy } from '../runtime/tower/web/kit/sort.ts';

describe('the kit of the tower', () => {
  it('reads the values out of an address', () => {
    const pattern = '/tower/orders/:process/:key';
    assert.deepEqual(matched(pattern, '/tower/orders/order-to-cash/a%2Fb'), {
      process: 'order-to-cash',
      key: 'a/b',
    });
    assert.equal(matched(pattern, '/tower/orders/order-to-cash'), undefined);
    assert.equal(matched(pattern, '/tower/orders/order-to-cash/'), undefined);
    assert.equal(matched(pattern, '/tower/letters/order-to-cash/1'), undefined);
    assert.deepEqual(matched('/tower/:x', '/tower/%zz'), { x: '%zz' });
  });

  it('writes an address without what is not asked for', () => {
    assert.equal(
      hrefOf('/tower/search', { q: 'a b&c', kind: '', more: undefined }),
      '/tower/search?q=a+b%26c',
    );
    assert.equal(hrefOf('/tower/board'), '/tower/board');
  });

  it('sorts numbers as numbers, numbers in text too, and what is missing first', () => {
    const columns = [{ id: 'n', value: (row: { n?: string | number }) => row.n }];
    const sorted = (rows: (string | number | undefined)[], order: string) =>
      sortedBy(
        rows.map((n) => (n === undefined ? {} : { n })),
        columns,
        order,
      ).map(({ n }) => n);
    assert.deepEqual(sorted(['S10', 'S9', undefined], 'n'), [undefined, 'S9', 'S10']);
    assert.deepEqual(sorted([10, 9, 100], '-n'), [100, 10, 9]);
    assert.deepEqual(sorted([10, 9], 'unknown'), [10, 9]);
  });

  it('writes money to its last digit, as each currency does', async () => {
    // As in a browser; what it reads is not known to the types here.
    const own = Object.getOwnPropertyDescriptor(globalThis, 'localStorage');
    Object.defineProperty(globalThis, 'localStorage', { value: { getItem: () => 'en' }, configurable: true });
    const file: string = '../runtime/tower/web/kit/format.ts';
    const { money } = (await import(file)) as { money(amount: string, currency?: string): string };
    if (own) Object.defineProperty(globalThis, 'localStorage', own);
    const shown = (amount: string, currency?: string) => money(amount, currency).replaceAll('\u00A0', ' ');
    assert.deepEqual(
      [
        shown('1234.5', 'EUR'),
        shown('10.125', 'EUR'),
        shown('1000.00', 'JPY'),
        shown('1000.5', 'JPY'),
        shown('5.125', 'KWD'),
        shown('5.1234567', 'KWD'),
        shown('-0.10', 'USD'),
        shown('99999999999999999999.99', 'USD'),
        shown('7.00005'),
      ],
      [
        '€1,234.50',
        '€10.125',
        '¥1,000',
        '¥1,000.5',
        'KWD 5.125',
        'KWD 5.1234567',
        '-$0.10',
        '$99,999,999,999,999,999,999.99',
        '7.00005',
      ],
    );
  });

  it('writes CSV that no spreadsheet runs', () => {
    const columns = [{ text: 'Name, first', value: (row: string) => row }];
    const rows = ['=HYPERLINK("x")', '-5.00', '+49 1', 'a "b"\nc', 'd\ne\rf', '=1,2', '-5x', '@x', ''];
    assert.deepEqual(csv(columns, rows).split('\r\n'), [
      '"Name, first"',
      '"\'=HYPERLINK(""x"")"',
      '-5.00',
      "'+49 1",
      '"a ""b""\nc"',
      '"d\ne\rf"',
      '"\'=1,2"',
      "'-5x",
      "'@x",
      '',
      '',
    ]);
  });
});
