/** Where a look at Odoo's changes is: kept in the journal, cheaply, and by one at a time. */
import assert from 'node:assert/strict';
import type { Documents } from '../runtime/journal/documents.ts';
import type { Change, Cursor } from '../runtime/odoo/changes.ts';
import { sweep } from '../runtime/odoo/sweep.ts';

/** One document, and how much was written for it. */
function documents(): Pick<Documents, 'get' | 'add' | 'swap'> & { body?: string; written: number } {
  return {
    written: 0,
    async get() {
      return this.body;
    },
    async add(_kind, _id, body) {
      if (this.body !== undefined) return false;
      this.body = body;
      return true;
    },
    async swap(_kind, _id, from, to) {
      if (this.body !== from) return false;
      this.written += to.length;
      this.body = to;
      return true;
    },
  };
}

const change = (id: number, second = 0): Change => ({
  model: 'res.partner',
  id,
  writeDate: `2026-01-01 10:00:${String(second).padStart(2, '0')}`,
  mark: `mark${id}`,
  values: {},
});

async function* those(changes: Change[]): AsyncGenerator<Change> {
  yield* changes;
}

const since: Cursor = { since: '2026-01-01 09:59:59', told: {} };
const many = Array.from({ length: 5000 }, (_, id) => change(id));

describe('a look at the changes of Odoo', () => {
  const options = (changes: Change[]) => ({
    at: 'flow/step',
    overlapMs: 60_000,
    changes: () => those(changes),
    tell: async (_change: Change) => {},
    goesOn: () => true,
  });

  it('writes as much to the journal as it tells, not each time all that it told', async () => {
    const journal = { ...documents(), body: JSON.stringify(since) };
    assert.equal(await sweep({ ...options(many), documents: journal }), true);
    const kept = JSON.parse(journal.body) as Cursor;
    assert.equal(Object.keys(kept.told).length, many.length);
    assert.ok(journal.written < 10 * journal.body.length, `${journal.written} characters were written`);
  });

  it('keeps its place as it goes, and where telling fails', async () => {
    const journal = { ...documents(), body: JSON.stringify(since) };
    const places: number[] = [];
    const tell = async ({ id }: Change) => {
      places.push(Object.keys((JSON.parse(journal.body) as Cursor).told).length);
      if (id === 3) throw new Error('the flow failed');
    };
    const given = { ...options(many.slice(0, 5)), documents: journal, tell, keepEveryMs: 0 };
    await assert.rejects(sweep(given), /the flow failed/);
    assert.deepEqual(places, [0, 1, 2, 3]);
    assert.deepEqual(Object.keys((JSON.parse(journal.body) as Cursor).told), ['0', '1', '2']);
  });

  it('forgets what is older than the overlap', async () => {
    const journal = { ...documents(), body: JSON.stringify(since) };
    const changes = [change(1, 0), change(2, 50)];
    await sweep({ ...options(changes), documents: journal, overlapMs: 10_000 });
    assert.deepEqual(JSON.parse(journal.body), {
      since: '2026-01-01 10:00:40',
      told: { 2: ['2026-01-01 10:00:50', 'mark2'] },
    });
  });

  it('is not done when its time is over', async () => {
    const journal = { ...documents(), body: JSON.stringify(since) };
    let left = 2;
    assert.equal(
      await sweep({ ...options(many), documents: journal, goesOn: () => (left -= 1) >= 0 }),
      false,
    );
    assert.equal(Object.keys((JSON.parse(journal.body) as Cursor).told).length, 2);
  });

  it('does not overwrite the place of another who went on from the same', async () => {
    const journal = { ...documents(), body: JSON.stringify(since) };
    const other = JSON.stringify({ ...since, since: '2026-01-01 11:00:00' });
    const tell = async () => void (journal.body = other);
    const given = { ...options([change(1)]), documents: journal, tell };
    await assert.rejects(sweep(given), { code: 'CLAIM_IN_FLIGHT' });
    assert.equal(journal.body, other);
  });
});
