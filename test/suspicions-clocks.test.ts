/** Partners work by the clock on the wall: what is usual at eight is so before and after clocks change. */
import assert from 'node:assert/strict';
import { detectCounts } from '../runtime/suspicions/detect.ts';
import type { Finding } from '../runtime/suspicions/finding.ts';
import { localHours } from '../runtime/suspicions/local-hours.ts';
import { HOUR_MS, seriesOf, type HourCount, type Series } from '../runtime/suspicions/series.ts';

describe('clocks that change', () => {
  const zone = 'Europe/Berlin';
  const local = localHours(zone);
  const office = [0, 0, 0, 0, 0, 0, 0, 60, 90, 90, 80, 70, 40, 70, 80, 80, 60, 20, 0, 0, 0, 0, 0, 0];
  /** Nine weeks of an office in Berlin, five of them before this hour. */
  function found(change: string): Finding[] {
    const first = Date.parse(change) / HOUR_MS - 35 * 24;
    const counted = Array.from({ length: 9 * 168 }, (_, at): HourCount => {
      const hour = first + at;
      const wall = new Date(local.localOf(hour) * HOUR_MS);
      const works = wall.getUTCDay() > 0 && wall.getUTCDay() < 6;
      const count = works ? office[wall.getUTCHours()]! : 0;
      return { hour, metric: 'received', partner: 'acme', count, totalMs: 0 };
    }).filter(({ count }) => count > 0);
    const series = seriesOf(counted, first + 9 * 168, local);
    return Array.from({ length: 28 * 24 }, (_, at) => at).flatMap((at) =>
      detectCounts(series, Date.parse(change) + at * HOUR_MS + 900_000, local),
    );
  }

  it('are no oddity, in autumn or in spring', () => {
    assert.deepEqual(found('2026-10-25T00:00:00.000Z'), []);
    assert.deepEqual(found('2026-03-29T00:00:00.000Z'), []);
  });

  it('an hour that comes twice counts on average, one that is left out as a week before', () => {
    const around = (change: string) => {
      const from = Date.parse(change) / HOUR_MS - 8 * 24;
      const counted = Array.from({ length: 9 * 24 }, (_, at): HourCount => ({
        hour: from + at,
        metric: 'received',
        partner: 'shop',
        count: 50,
        totalMs: 100,
      }));
      const [{ counts, totalMs }] = seriesOf(counted, from + 9 * 24, local) as [Series];
      return [counts.length, new Set(counts), new Set(totalMs)];
    };
    const [counts, took] = [new Set([50]), new Set([100])];
    assert.deepEqual(around('2026-10-25T00:00:00.000Z'), [9 * 24 - 1, counts, took]);
    assert.deepEqual(around('2026-03-29T00:00:00.000Z'), [9 * 24 + 1, counts, took]);
  });

  it('a time is told as what it is, in each zone', () => {
    for (const name of ['UTC', zone, 'America/Los_Angeles', 'Asia/Kolkata', 'Australia/Lord_Howe']) {
      const { localOf, utcOf } = localHours(name);
      for (let hour = Date.parse('2026-01-01') / HOUR_MS, end = hour + 366 * 24; hour < end; hour += 1) {
        const back = utcOf(localOf(hour));
        // Of two with the same, the first.
        assert.ok(back === hour || (back === hour - 1 && localOf(back) === localOf(hour)), `${name} ${hour}`);
      }
    }
    const eight = Date.parse('2026-10-26T07:00:00.000Z') / HOUR_MS;
    assert.equal(local.localOf(eight) % 24, 8);
    assert.equal(local.localOf(eight - 2 * 168) % 24, 9);
  });

  it('what is told since an hour is told so in UTC', () => {
    const first = Date.parse('2026-10-05T00:00:00.000Z') / HOUR_MS;
    const counted = Array.from({ length: 8 * 168 - 30 }, (_, at): HourCount => ({
      hour: first + at,
      metric: 'received',
      partner: 'shop',
      count: 50,
      totalMs: 0,
    }));
    const series = seriesOf(counted, first + 8 * 168, local);
    const now = (first + 8 * 168) * HOUR_MS + 900_000;
    const silent = detectCounts(series, now, local).find(({ kind }) => kind === 'silence');
    assert.equal(silent?.since, (first + 8 * 168 - 30) * HOUR_MS);
  });
});
