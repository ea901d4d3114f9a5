/** The audit on both stores, and the canonical JSON that its hashes are made of. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { canonicalJson } from '../runtime/signature/canonical.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { auditConformance } from './conformance/audit.ts';
import { entry } from './conformance/audit-entry.ts';
import { describeReal } from './real.ts';

describe('canonical JSON', () => {
  it('is what RFC 8785 says of its own example', () => {
    const value: unknown = JSON.parse(String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`);
    const expected = String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`;
    assert.equal(canonicalJson(value), expected);
  });

  it('sorts names by their UTF-16 units, as RFC 8785 says of its other example', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const value = Object.fromEntries(names.map((name) => [name, 0]));
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    assert.deepEqual(Object.keys(JSON.parse(canonicalJson(value)) as object).toSorted(), sorted.toSorted());
    assert.equal(canonicalJson(value), `{${sorted.map((name) => `${JSON.stringify(name)}:0`).join()}}`);
  });

  it('leaves out what is undefined, and refuses what JSON can not hold', () => {
    assert.equal(canonicalJson({ b: -0, a: undefined, c: [{}] }), '{"b":0,"c":[{}]}');
    for (const value of [NaN, Infinity, '\ud800', undefined, [undefined], 1n])
      assert.throws(() => canonicalJson(value), TypeError);
  });
});

describe('embedded store', () => {
  let dir: string;
  const writer = ['sqlite', ''];
  const file = (): string => join(dir, 'crossdock.db');
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-audit-'));
    writer[1] = file();
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  auditConformance('embedded', {
    writer,
    async open() {
      const store = openStore(file());
      const journal = embeddedJournal(store);
      return { ...journal, close: () => journal.close().then(() => store.close()) };
    },
    async tamper(sql) {
      const db = new DatabaseSync(file());
      db.exec('DROP TRIGGER IF EXISTS audit_unchanged; DROP TRIGGER IF EXISTS audit_kept');
      db.exec(sql);
      db.close();
    },
  });

  it('keeps a row with what it tells of, or neither', async () => {
    const store = openStore(file());
    const { audit, documents } = embeddedJournal(store);
    const act = (row: typeof entry) =>
      store.together(() => Promise.all([audit.append(row()), documents.put('edit', 'x', '{}')]));
    await act(entry);
    const impossible = () => entry({ act: null as never });
    await assert.rejects(act(impossible));
    assert.equal((await audit.last()).sequence, 1);
    store.close();
  });
});

describeReal(['postgres'], 'PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  const schema = `test_${randomUUID().slice(0, 8)}`;
  let admin: pg.Pool;
  before(() => (admin = new pg.Pool({ connectionString: url, max: 1, options: `-c search_path=${schema}` })));
  beforeEach(() => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });

  auditConformance('PostgreSQL', {
    writer: ['postgres', url, schema],
    open: () => postgresJournal({ url, schema }),
    async tamper(sql) {
      await admin.query('ALTER TABLE audit DISABLE TRIGGER ALL');
      await admin.query(sql);
    },
  });
});
