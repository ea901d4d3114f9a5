/** Series: only words that stand in files, and never more than there may be. */
import assert from 'node:assert/strict';
import { openSeries, type Vocabulary } from '../runtime/metrics/series.ts';
import { metrics, MOST_SERIES, type MetricName } from '../runtime/metrics/table.ts';
import { seriesIn, valueIn } from './metrics-text.ts';

const anything: Vocabulary = Object.fromEntries(
  [
    'route',
    'status',
    'flow',
    'outcome',
    'code',
    'target',
    'queue',
    'state',
    'process',
    'step',
    'class',
    'channel',
  ].map((label) => [label, () => true]),
) as unknown as Vocabulary;

describe('series', () => {
  it('a word that is not known is counted as other, and a label that is not known is refused', async () => {
    const series = openSeries({ ...anything, flow: (word) => word === 'orders' });
    series.count('crossdock_retries_total', { flow: 'orders', code: 'ODOO_BUSY' });
    for (const flow of ['jane@example.com', 'SO-1001', 'other'])
      series.count('crossdock_retries_total', { flow, code: 'ODOO_BUSY' });
    const text = await series.text();
    assert.equal(valueIn(text, 'crossdock_retries_total{flow="orders",code="ODOO_BUSY"}'), 1);
    assert.equal(valueIn(text, 'crossdock_retries_total{flow="other",code="ODOO_BUSY"}'), 3);
    assert.doesNotMatch(text, /jane|SO-1001/);
    assert.equal(valueIn(text, 'crossdock_folded_total'), 2);
    const strange = { flow: 'orders', code: 'ODOO_BUSY', customer: 'jane' };
    assert.throws(() => series.count('crossdock_retries_total', strange), /customer/);
    assert.throws(() => openSeries(anything).count('crossdock_retries_total', strange), /customer/);
  });

  it('whatever comes, there are no more than 2,000', async () => {
    const series = openSeries(anything);
    for (const [name, { type, labels }] of Object.entries(metrics)) {
      const sets = Array.from({ length: 1000 }, (_, n) =>
        Object.fromEntries(labels.map((label) => [label, `${label} ${n}`])),
      );
      const words = (one: Record<string, string>) => one as never;
      if (type === 'gauge')
        series.set(
          name as never,
          sets.map((one) => ({ labels: words(one), value: 1 })),
        );
      else
        for (const one of sets)
          if (type === 'counter') series.count(name as never, words(one));
          else series.time(name as never, words(one), 1);
    }
    const text = await series.text();
    const count = seriesIn(text).length;
    assert.ok(count <= MOST_SERIES && count > MOST_SERIES - 200, `${count} series`);
    for (const [name, { type, labels }] of Object.entries(metrics))
      if (labels.length > 0) {
        const other = labels.map((label) => `${label}="other"`).join(',');
        const folded = valueIn(text, `${name}${type === 'histogram' ? '_count' : ''}{${other}}`);
        assert.ok(folded! >= 700, `${name}: ${folded}`);
      }
  });

  it('a gauge has the values that were set last, folded ones added up or the highest', async () => {
    const series = openSeries({ ...anything, queue: (word) => word === 'a' });
    const rows = (values: number[]) => values.map((value, n) => ({ labels: { queue: 'abc'[n]! }, value }));
    series.set('crossdock_queue_oldest_seconds', rows([1, 5, 3]), 'highest');
    const text = await series.text();
    assert.equal(valueIn(text, 'crossdock_queue_oldest_seconds{queue="other"}'), 5);
    series.set('crossdock_queue_oldest_seconds', rows([2]));
    const later = seriesIn(await series.text()).filter((line) => line.startsWith('crossdock_queue_oldest'));
    assert.deepEqual(later, ['crossdock_queue_oldest_seconds{queue="a"} 2']);
  });

  it('what has not been told is absent, and not 0', async () => {
    const text = await openSeries(anything).text();
    const told = seriesIn(text).map((line) => line.split(' ')[0]!);
    assert.deepEqual(
      told.filter((name) => metrics[name as MetricName]?.type === 'gauge'),
      [],
    );
  });
});
