/** What outsiders send that begins like a sealed text is a text like any other, whether the store has a key or not. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import type { ProposalRow } from '../../runtime/journal/tables.ts';
import { openStore } from '../../runtime/sqlite/store.ts';
import { openReader } from '../../runtime/reader/reader.ts';
import { search } from '../../runtime/tower/search.ts';
import { letter, step } from '../conformance/rows.ts';
import { messageOf } from './person.ts';
import { newKey, setKeys, withKey } from './with-key.ts';

describe('a text of others that begins like a sealed one', () => {
  const number = '{"enc":"1.cafecafe.c2VhbGVkIHNlYWxlZCBzZWFsZWQgc2VhbGVk"}';
  let dataDir: string;
  let journal: Journal;
  withKey();
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'crossdock-alike-'))));
  afterEach(async () => {
    await journal.close();
    rmSync(dataDir, { recursive: true });
  });

  for (const [what, key] of [
    ['without a key', undefined],
    ['with one', newKey()],
  ] as const)
    it(`is read and found as it is, ${what}`, async () => {
      setKeys(key);
      const store = openStore(join(dataDir, 'crossdock.db'));
      const inner = embeddedJournal(store);
      journal = { ...inner, close: () => inner.close().then(() => store.close()) };
      const names = [{ kind: 'order', value: number }];
      await journal.append([
        step({ correlationId: 'c', businessKey: number, step: number, outcome: 'accepted', names }),
      ]);
      await journal.saveDeadLetter(letter({ id: 'l', message: { ...messageOf(1), subject: number } }));
      const [one] = await journal.trace({ correlationId: 'c' });
      assert.deepEqual([one?.businessKey, one?.step], [number, number]);
      const [buried] = await journal.letters({ ids: ['l'] });
      assert.equal(buried?.message.subject, number);
      // A table of which nothing is sealed, with a column that has the name of one that is.
      const proposal: ProposalRow = {
        id: 'p',
        map: 'product',
        value: number,
        source: 'shopify',
        article: '',
        target: 'A-1',
        factor: null,
        state: 'waiting',
        made: '2027-03-01T08:00:00Z',
        made_by: 'anna',
        letter: null,
        ended: null,
        ended_by: null,
      };
      await journal.proposals.add(proposal);
      assert.deepEqual({ ...(await journal.proposals.get('p')) }, proposal);
      const reader = await openReader({ profile: 'embedded', dataDir, env: {} });
      const hits = await search(reader.db, number);
      await reader.close();
      assert.deepEqual([...new Set(hits.map(({ value }) => value))], [number]);
    });
});
