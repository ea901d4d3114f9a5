/** What every store does, it does with sealed texts too: the same suites, with a key. */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { embeddedBroker } from '../../runtime/broker/embedded.ts';
import { openStores } from '../../runtime/stores/profile.ts';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import { postgresJournal } from '../../runtime/journal/postgres.ts';
import { openStore } from '../../runtime/sqlite/store.ts';
import { brokerConformance } from '../conformance/broker.ts';
import { journalConformance } from '../conformance/journal.ts';
import { replayConformance } from '../conformance/replay.ts';
import { describeReal } from '../real.ts';
import { withKey } from './with-key.ts';

describe('the embedded stores with a key', () => {
  let dataDir: string;
  withKey();
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'crossdock-sealed-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));
  const file = () => join(dataDir, 'crossdock.db');

  journalConformance('embedded, sealed', async () => {
    const store = openStore(file());
    const inner = embeddedJournal(store);
    return { ...inner, close: () => inner.close().then(() => store.close()) };
  });

  brokerConformance('embedded, sealed', { name: 'embedded', shared: false, keyOrder: 'always' }, async () => {
    const store = openStore(file());
    const inner = embeddedBroker(store);
    const broker = { ...inner, close: () => inner.close().then(() => store.close()) };
    return { broker, crash: async () => store.close(), cut: undefined };
  });

  replayConformance('embedded, sealed', () => openStores({ profile: 'embedded', dataDir, env: {} }));
});

describeReal(['postgres'], 'PostgreSQL with a key', ({ postgres }) => {
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let admin: pg.Pool;
  withKey();
  before(() => (admin = new pg.Pool({ connectionString: postgres.url, max: 1 })));
  beforeEach(() => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });

  journalConformance('PostgreSQL, sealed', () => postgresJournal({ url: postgres.url, schema }));
});
