/** Events of which only the newest counts: whoever publishes and notes at once, the newest is never the one dropped. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelope } from '../runtime/envelope/envelope.ts';
import { newerThan, tellNewest } from '../runtime/journal/newest.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';

describe('the newest event of a subject', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-newest-'));
  let store: Store;
  let journal: Journal;
  before(() => {
    store = openStore(join(dir, 'crossdock.db'));
    journal = embeddedJournal(store);
  });
  after(async () => {
    await journal.close();
    await store.close();
    rmSync(dir, { recursive: true, force: true });
  });
  const level = (subject: string, second: number, id = `e${second}`) =>
    envelope({
      id,
      type: 'stock.level.changed.v1',
      source: 'odoo',
      subject,
      time: new Date(second * 1000).toISOString(),
      flow: 'f',
      flowversion: '1',
      data: {},
    });

  it('is not overtaken by an older one that is noted after it', async () => {
    const [older, newer] = [level('a', 1), level('a', 2)];
    await tellNewest(journal, newer);
    await tellNewest(journal, older);
    assert.equal(await newerThan(journal, newer), undefined);
    assert.equal(await newerThan(journal, older), newer.id);
  });

  it('is not overtaken before it is noted', async () => {
    const [older, newer] = [level('b', 1), level('b', 2)];
    await tellNewest(journal, older);
    assert.equal(await newerThan(journal, newer), undefined);
  });

  it('stays noted when many note at once', async () => {
    const all = Array.from({ length: 20 }, (_, at) => level('c', at));
    await Promise.all(all.toReversed().map((one) => tellNewest(journal, one)));
    const overtaken = await Promise.all(all.map((one) => newerThan(journal, one)));
    assert.deepEqual(overtaken, [...Array.from({ length: 19 }, () => 'e19'), undefined]);
  });

  it('is worked on again when it is sent again, and so is each of the same moment', async () => {
    const newer = level('d', 2);
    await tellNewest(journal, newer);
    assert.equal(await newerThan(journal, { ...newer, id: 'again', replayof: newer.id }), undefined);
    assert.equal(await newerThan(journal, level('d', 2, 'twin')), undefined);
  });

  it('what was noted without a time overtakes nothing', async () => {
    await journal.documents.put('newest-event', 'stock.level.changed.v1/e', 'some-id');
    assert.equal(await newerThan(journal, level('e', 1)), undefined);
    await tellNewest(journal, level('e', 2));
    assert.equal(await newerThan(journal, level('e', 1)), 'e2');
  });
});
