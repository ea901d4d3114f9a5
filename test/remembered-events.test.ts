/** Events whose data the hub keeps: each once, and of each subject the last. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lastRemembered, remember, rememberedSince } from '../runtime/journal/remembered.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { openReader, type Reader } from '../runtime/reader/reader.ts';
import { tellNewest } from '../runtime/journal/newest.ts';
import type { Envelope } from '../runtime/envelope/envelope.ts';
import { noteLevel } from '../runtime/stock/waiting.ts';
import { lastTaken, takenLevels, waitingLevels } from '../runtime/stock/levels.ts';
import { order } from './conformance/kit.ts';

const whole = <One>(one: One): One => one;

describe('events that are remembered', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-remembered-'));
  let journal: Journal;
  let reader: Reader;
  before(async () => {
    journal = embeddedJournal(openStore(join(dir, 'crossdock.db')));
    reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
  });
  after(async () => {
    await reader.close();
    await journal.close();
    rmSync(dir, { recursive: true });
  });

  const type = 'stock.level.acknowledged.v1';
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 10, minute)).toISOString();
  const taken = (sku: string, minute: number, told: string) =>
    remember(journal.documents, {
      ...order(type, `shopify/WH/${sku}`),
      id: `${sku}${minute}`,
      time: at(minute),
      data: { channel: 'shopify', warehouse: 'WH', sku, available: told, told, at: at(minute) },
    });

  it('are kept each once, and the newest of a subject stays, in whatever order they come', async () => {
    await Promise.all([taken('A', 2, '7'), taken('A', 1, '5'), taken('B', 1, '1'), taken('A', 2, '7')]);
    await remember(journal.documents, { ...order(`${type}0`, 'x'), time: at(5), data: {} });
    const told = (all: { data: unknown }[]) => all.map(({ data }) => (data as { told: string }).told);
    assert.deepEqual(told(await lastRemembered(reader.db, type, whole)), ['7', '1']);
    assert.deepEqual(told(await rememberedSince(reader.db, type, at(0), whole)).toSorted(), ['1', '5', '7']);
    assert.deepEqual(told(await rememberedSince(reader.db, type, at(2), whole)), ['7']);
  });

  it('one that is published again, at another time, counts once', async () => {
    const counted = 'stock.counted.v1';
    for (const [id, minute] of [
      ['one', 1],
      ['one', 3],
      ['two', 2],
    ] as const)
      await remember(journal.documents, { ...order(counted, 'C'), id, time: at(minute), data: { told: id } });
    const found = await rememberedSince<{ told: string }, string>(
      reader.db,
      counted,
      at(0),
      ({ time, data }) => `${data.told} ${time}`,
    );
    assert.deepEqual(found, [`one ${at(1)}`, `two ${at(2)}`]);
  });

  it('are read a page at a time, each once and in order', async () => {
    const many = 'stock.many.v1';
    const ids = Array.from({ length: 1203 }, (_, n) => String(n).padStart(4, '0'));
    const documents = { ...journal.documents, get: async () => undefined };
    await Promise.all(
      ids.map((id) => remember(documents, { ...order(many, id), id, time: at(1), data: { told: id } })),
    );
    const limits: number[] = [];
    const looking = {
      transformQuery: ({ node }: { node: { limit?: { limit: { value: number } } } }) => {
        limits.push(node.limit?.limit.value ?? Infinity);
        return node;
      },
      transformResult: async ({ result }: { result: unknown }) => result,
    } as never;
    const db = reader.db.withPlugin(looking);
    const idOf = ({ data }: { data: { told: string } }) => data.told;
    assert.deepEqual(await rememberedSince(db, many, at(0), idOf), ids);
    assert.deepEqual(await lastRemembered(db, many, idOf), ids);
    assert.deepEqual(limits, [500, 500, 500, 500, 500, 500]);
  });

  it('say which levels a channel has not taken: of articles that it sells', async () => {
    const changed = (sku: string, minute: number) =>
      journal.documents.put(
        'newest-event',
        `stock.level.changed.v1/WH/${sku}`,
        JSON.stringify({ id: sku, time: at(minute) }),
      );
    await changed('A', 2);
    await changed('B', 4);
    await changed('C', 4);
    assert.deepEqual(await waitingLevels(reader.db), [
      { channel: 'shopify', warehouse: 'WH', sku: 'B', since: at(4) },
    ]);
    // What was read already is not read again.
    const last = (await lastTaken(reader.db)).filter(({ sku }) => sku !== 'B');
    assert.deepEqual(await waitingLevels(reader.db, last), []);
  });

  /** As the node does it. */
  async function publishes(message: Envelope): Promise<void> {
    if (message.type !== type) await tellNewest(journal, message);
    const since = await noteLevel(journal.documents, message);
    if (message.type === type) await remember(journal.documents, message, since);
  }
  const changes = (sku: string, minute: number) =>
    publishes({
      ...order('stock.level.changed.v1', `WH/${sku}`),
      id: `c${minute}`,
      time: at(minute),
      data: {},
    });
  /** Told at the one minute what was read at the other. */
  const takes = (channel: string, sku: string, minute: number, read: number, sold = true) =>
    publishes({
      ...order(type, `${channel}/WH/${sku}`),
      id: `t${channel}${minute}`,
      time: at(minute),
      data: {
        channel,
        warehouse: 'WH',
        sku,
        available: '1',
        told: '1',
        at: at(read),
        changed: at(read),
        ...(!sold && { sold }),
      },
    });
  const waitsOf = async (article: string) =>
    (await waitingLevels(reader.db))
      .filter(({ sku }) => sku === article)
      .map(({ channel, since }) => [channel, since]);

  it('a channel waits since the first change that it has not taken, however many follow', async () => {
    await changes('F', 1);
    await takes('shopify', 'F', 2, 1);
    await takes('market', 'F', 2, 1);
    assert.deepEqual(await waitsOf('F'), []);
    for (const minute of [3, 5, 4, 6]) await changes('F', minute);
    assert.deepEqual(await waitsOf('F'), [
      ['market', at(3)],
      ['shopify', at(3)],
    ]);
    await takes('market', 'F', 7, 6);
    await changes('F', 8);
    await changes('F', 9);
    assert.deepEqual(await waitsOf('F'), [
      ['market', at(8)],
      ['shopify', at(3)],
    ]);
    // It took one that was overtaken meanwhile; what came late says nothing new.
    await takes('shopify', 'F', 10, 8);
    await takes('shopify', 'F', 11, 6);
    assert.deepEqual((await waitsOf('F'))[1], ['shopify', at(9)]);
    await takes('shopify', 'F', 12, 9);
    assert.deepEqual(await waitsOf('F'), [['market', at(8)]]);
    // On its way is what was taken since the first change, not since the newest.
    const took = (await takenLevels(reader.db, at(0)))
      .filter(({ channel, changed }) => channel === 'shopify' && changed !== undefined)
      .map(({ changed, taken: then }) => [changed, then]);
    assert.deepEqual(took, [
      [at(1), at(2)],
      [at(3), at(10)],
      [at(6), at(11)],
      [at(9), at(12)],
    ]);
  });

  it('what a channel does not sell any more waits no longer, until it sells it again', async () => {
    await changes('G', 1);
    await takes('shopify', 'G', 2, 1);
    await takes('market', 'G', 2, 1);
    await changes('G', 3);
    assert.equal((await waitsOf('G')).length, 2);
    await takes('shopify', 'G', 4, 3, false);
    await changes('G', 5);
    assert.deepEqual(await waitsOf('G'), [['market', at(3)]]);
    const isOf = ({ sku, channel }: { sku: string; channel: string }) => sku === 'G' && channel === 'shopify';
    assert.deepEqual((await lastTaken(reader.db)).filter(isOf), []);
    assert.deepEqual(
      (await takenLevels(reader.db, at(4))).filter(({ taken }) => taken === at(4)),
      [],
    );
    await takes('shopify', 'G', 6, 5);
    await changes('G', 7);
    assert.deepEqual((await waitsOf('G'))[1], ['shopify', at(7)]);
  });

  it('nothing is noted of articles that no channel has taken', async () => {
    await changes('N', 1);
    await takes('shopify', 'N', 2, 1, false);
    await changes('N', 3);
    assert.equal(await journal.documents.get('stock-waiting', 'WH/N'), undefined);
  });
});
