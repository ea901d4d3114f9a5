/** The reader of pages: finds what the journal has, writes nothing, and holds up nobody. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'kysely';
import pg from 'pg';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { postgresJournal } from '../../runtime/journal/postgres.ts';
import { openStore } from '../../runtime/sqlite/store.ts';
import { openReader, type Reader } from '../../runtime/reader/reader.ts';
import { coded, until } from '../conformance/kit.ts';
import { step } from '../conformance/rows.ts';
import { describeReal } from '../real.ts';

interface TestStore {
  journal: Journal;
  read(timeoutMs?: number): Promise<Reader>;
  end(): Promise<void>;
}

function reads(open: () => Promise<TestStore>, long: string): void {
  let place: TestStore;
  let reader: Reader;
  beforeEach(async () => {
    place = await open();
    reader = await place.read();
  });
  afterEach(async () => {
    await reader.close();
    await place.end();
  });
  const steps = () => reader.db.selectFrom('step').select(['step', 'business_key']).execute();

  it('finds what was written after it was opened', async () => {
    assert.deepEqual(await steps(), []);
    await place.journal.append([step({ step: 'in', businessKey: 'Größe 😀' })]);
    assert.deepEqual(await steps(), [{ step: 'in', business_key: 'Größe 😀' }]);
    const asked = [1, 2, 3].map(() => steps());
    assert.equal((await Promise.all(asked)).flat().length, 3);
  });

  it('writes nothing', async () => {
    await place.journal.append([step({})]);
    await assert.rejects(reader.db.deleteFrom('step').execute(), coded('STORE_UNAVAILABLE'));
    await assert.rejects(sql`DELETE FROM step`.execute(reader.db), coded('STORE_UNAVAILABLE'));
    assert.equal((await steps()).length, 1);
  });

  it('gives up a question that takes too long, and answers the next one', async () => {
    const hasty = await place.read(300);
    try {
      await assert.rejects(sql.raw(long).execute(hasty.db), {
        code: 'STORE_UNAVAILABLE',
        message: 'The question takes too long; ask for less',
      });
      await place.journal.append([step({})]);
      const found = () => hasty.db.selectFrom('step').select('step').execute();
      await until('it answers', () =>
        found().then(
          (rows) => rows.length === 1,
          () => false,
        ),
      );
    } finally {
      await hasty.close();
    }
  });

  it('says so when it is closed', async () => {
    const closed = await place.read();
    await closed.db.selectFrom('step').select('step').execute();
    await closed.close();
    await assert.rejects(closed.db.selectFrom('step').select('step').execute());
  });
}

describe('the reader of pages, embedded', () => {
  reads(async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-reader-'));
    const store = openStore(join(dataDir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    return {
      journal,
      read: (timeoutMs) =>
        openReader({ profile: 'embedded', dataDir, env: {}, ...(timeoutMs && { timeoutMs }) }),
      async end() {
        await journal.close();
        store.close();
        rmSync(dataDir, { recursive: true, force: true });
      },
    };
  }, 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4000000) SELECT count(*) FROM n');
});

describeReal(['postgres'], 'the reader of pages, PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  reads(async () => {
    const prefix = `t${randomUUID().slice(0, 8)}`;
    const journal = await postgresJournal({ url, schema: `${prefix}_crossdock` });
    const env = { DATABASE_URL: url, CROSSDOCK_PREFIX: prefix };
    return {
      journal,
      read: (timeoutMs) =>
        openReader({ profile: 'cluster', dataDir: '', env, ...(timeoutMs && { timeoutMs }) }),
      async end() {
        await journal.close();
        const client = new pg.Client({ connectionString: url });
        await client.connect();
        await client.query(`DROP SCHEMA ${prefix}_crossdock CASCADE`);
        await client.end();
      },
    };
  }, 'SELECT pg_sleep(60)');
});
