/** Who has the shell and the database of a hub tries to cheat its audit: what the command finds offline, and what it does not. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync, randomUUID, type KeyObject } from 'node:crypto';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import { following, type AuditRow, type Link } from '../runtime/audit/chain.ts';
import { checkpointOf } from '../runtime/audit/trail/checkpoint.ts';
import { seal } from '../runtime/audit/trail/seal.ts';
import { sealOf } from '../runtime/audit/trail/steps.ts';
import { openJournal, type OpenStores } from '../runtime/stores/profile.ts';
import { allRows } from '../runtime/journal/audit.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { publicPem } from '../runtime/signature/keys.ts';
import { digestOf } from '../runtime/signature/signature.ts';
import { entry } from './conformance/audit-entry.ts';
import { step } from './conformance/rows.ts';
import { describeReal } from './real.ts';

interface TestStore {
  stores(dataDir: string): OpenStores;
  /** Past the hub and its triggers, as who owns the database can. */
  tamper(dataDir: string, sql: readonly string[]): Promise<void>;
  /** All rows go. */
  empty: string;
  reset?(): Promise<unknown>;
}

interface Insider {
  dataDir: string;
  /** Where nobody who runs the hub can write, but for what a cheat says. */
  outside: string;
  journal: Journal;
  rows: AuditRow[];
  hubKey(): KeyObject;
  sql(...statements: string[]): Promise<void>;
}

const filled = 12;
const DAY_MS = 86_400_000;
const quoted = (text: string): string => `'${text.replaceAll("'", "''")}'`;
const hashFor = ({ hash: _hash, ...said }: AuditRow): string => digestOf(said);

/** The chain from a row on, written anew with other content: whole in itself. */
async function rewriteFrom({ rows, sql }: Insider, from: number, change: Partial<AuditRow>): Promise<Link> {
  const last = rows[from - 2]!;
  const entries = rows.slice(from - 1).map(({ sequence: _s, time: _t, previous: _p, hash: _h, ...said }) => ({
    ...said,
    ...change,
  }));
  const forged = following(last, entries, rows[from - 1]!.time);
  await sql(
    ...forged.map(
      ({ sequence, who, time, previous, hash }) =>
        `UPDATE audit SET who = ${quoted(who)}, time = ${quoted(time)}, previous = ${quoted(previous)}, hash = ${quoted(hash)} WHERE sequence = ${sequence}`,
    ),
  );
  const { sequence, hash } = forged.at(-1)!;
  return { sequence, hash };
}

interface Cheat {
  does(insider: Insider): Promise<unknown> | unknown;
  /** What the command says. */
  says: RegExp;
  /** It ends with 0: nothing is found. */
  unseen?: true;
}

const broken = (row: number, is: string): RegExp =>
  new RegExp(`AUDIT_BROKEN: row ${row} is the first that is ${is}: `);

/** As docs/operators/audit.md has them. */
const cheats: Record<string, Cheat> = {
  'a row is altered': {
    does: ({ sql }) => sql("UPDATE audit SET who = 'nobody' WHERE sequence = 5"),
    says: broken(5, 'altered'),
  },
  'a row is altered with its own hash': {
    async does({ rows, sql }) {
      const hash = hashFor({ ...rows[4]!, who: 'nobody' });
      await sql(`UPDATE audit SET who = 'nobody', hash = ${quoted(hash)} WHERE sequence = 5`);
    },
    says: broken(5, 'altered'),
  },
  'rows are deleted in the middle': {
    does: ({ sql }) => sql('DELETE FROM audit WHERE sequence IN (5, 6)'),
    says: broken(5, 'missing'),
  },
  'rows are deleted and the others closed up': {
    does: ({ sql }) =>
      sql('DELETE FROM audit WHERE sequence = 5', 'UPDATE audit SET sequence = 5 WHERE sequence = 12'),
    says: broken(5, 'altered'),
  },
  'two rows change places': {
    does: ({ sql }) =>
      sql(
        'UPDATE audit SET sequence = 100 WHERE sequence = 5',
        'UPDATE audit SET sequence = 5 WHERE sequence = 6',
        'UPDATE audit SET sequence = 6 WHERE sequence = 100',
      ),
    says: broken(5, 'altered'),
  },
  'the tail is cut': {
    does: ({ sql }) => sql('DELETE FROM audit WHERE sequence > 9'),
    says: broken(10, 'cut'),
  },
  'the tail is cut, and the hub works on': {
    async does({ sql, journal }) {
      await sql('DELETE FROM audit WHERE sequence > 9');
      for (let n = 0; n < 5; n += 1) await journal.audit.append(entry());
    },
    says: broken(7, 'rewritten'),
  },
  'everything goes': {
    does: (insider) => insider.sql('EMPTY'),
    says: broken(1, 'cut'),
  },
  'the chain is written anew whole': {
    does: (insider) => rewriteFrom(insider, 4, { who: 'nobody' }),
    says: broken(1, 'rewritten'),
  },
  'it is written anew, and a new checkpoint is signed with the key of the hub': {
    async does(insider) {
      const link = await rewriteFrom(insider, 8, { who: 'nobody' });
      const forged = checkpointOf(link, insider.hubKey(), new Date());
      appendFileSync(insider.outside, `${JSON.stringify(forged)}\n`);
    },
    says: broken(7, 'rewritten'),
  },
  'the key of the hub is exchanged, and all checkpoints are signed anew': {
    async does(insider) {
      const link = await rewriteFrom(insider, 4, { who: 'nobody' });
      const { privateKey } = generateKeyPairSync('ed25519');
      writeFileSync(
        join(insider.dataDir, 'signing-key.pem'),
        privateKey.export({ type: 'pkcs8', format: 'pem' }),
      );
      writeFileSync(insider.outside, `${JSON.stringify(checkpointOf(link, privateKey, new Date()))}\n`);
    },
    says: /AUDIT_CHECKPOINT_INVALID: Line 1 .* not trusted/,
  },
  'steps of the journal are deleted: what landed is denied': {
    does: ({ sql }) => sql("DELETE FROM step WHERE reference = 'sale.order/7'"),
    says: /AUDIT_BROKEN: the steps that row 12 sealed are not those that were done/,
  },
  'a step says that it made another record': {
    does: ({ sql }) => sql("UPDATE step SET reference = 'sale.order/8' WHERE reference = 'sale.order/7'"),
    says: /AUDIT_BROKEN: the steps that row 12 sealed are not those that were done/,
  },
  'a row is added with a time of before': {
    async does({ rows, sql }) {
      const [forged] = following(rows.at(-1)!, [entry({ who: 'olga' })], '2020-01-01T00:00:00.000Z');
      const { sequence, time, who, from, act, object, outcome, before, reason, previous, hash } = forged!;
      const values = [time, who, from, act, object, outcome, before!, reason!, previous, hash].map(quoted);
      await sql(
        `INSERT INTO audit (sequence, time, who, origin, act, object, outcome, hash_before, reason, previous, hash) VALUES (${sequence}, ${values.join()})`,
      );
    },
    says: /Look at row 13: it says 2020-01-01T00:00:00.000Z/,
    unseen: true,
  },
  'a row of now is added in the name of another': {
    does: ({ journal }) => journal.audit.append(entry({ who: 'olga' })),
    says: /^13 rows are as they were written/,
    unseen: true,
  },
  'rows after the last checkpoint are cut': {
    async does({ journal, sql }) {
      await journal.audit.append(entry({ who: 'the insider' }));
      await sql('DELETE FROM audit WHERE sequence > 12');
    },
    says: /^12 rows are as they were written/,
    unseen: true,
  },
  'it is written anew, and so are all places outside, with the key of the hub': {
    async does(insider) {
      const link = await rewriteFrom(insider, 4, { who: 'nobody' });
      const forged = checkpointOf(link, insider.hubKey(), new Date());
      writeFileSync(insider.outside, `${JSON.stringify(forged)}\n`);
    },
    says: /^12 rows are as they were written/,
    unseen: true,
  },
};

function cheating(title: string, place: TestStore): void {
  describe(`cheating the audit, ${title}`, function () {
    this.timeout(60_000);
    let insider: Insider;
    let pem: string;
    beforeEach(async () => {
      await place.reset?.();
      const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-cheats-'));
      const outside = join(dataDir, 'outside.jsonl');
      const key = generateKeyPairSync('ed25519').privateKey;
      const keyFile = join(dataDir, 'signing-key.pem');
      writeFileSync(keyFile, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
      pem = join(dataDir, 'kept-by-the-auditor.pem');
      writeFileSync(pem, publicPem(key));
      const journal = await openJournal(place.stores(dataDir));
      const told = (): void =>
        appendFileSync(outside, `${JSON.stringify(checkpointOf(last(), key, new Date()))}\n`);
      const rows: AuditRow[] = [];
      const last = (): Link => rows.at(-1)!;
      for (let n = 1; n < filled; n += 1) {
        rows.push(await journal.audit.append(entry({ object: `letter/${n}` })));
        if (n === 6) told();
      }
      const landed = { outcome: 'landed', flow: 'order-to-odoo', reference: 'sale.order/7' } as const;
      const time = new Date(Date.now() - 2 * 3_600_000).toISOString();
      await journal.append([step({ time, ...landed }), step({ time })]);
      await seal(
        journal.audit,
        (span) => sealOf(journal.upkeep.db, { ...span, from: new Date(Date.now() - DAY_MS).toISOString() }),
        new Date(),
      );
      rows.splice(0, rows.length, ...(await Array.fromAsync(allRows(journal.audit))));
      assert.equal(rows.length, filled);
      told();
      insider = {
        dataDir,
        outside,
        journal,
        rows,
        hubKey: () => createPrivateKey(readFileSync(keyFile)),
        sql: (...sql) =>
          place.tamper(
            dataDir,
            sql.map((one) => (one === 'EMPTY' ? place.empty : one)),
          ),
      };
    });
    afterEach(async () => {
      await insider.journal.close();
      rmSync(insider.dataDir, { recursive: true });
    });

    const verified = () => {
      const { dataDir, outside } = insider;
      const { profile, env } = place.stores(dataDir);
      const args = ['audit', 'verify', '--steps', '--checkpoint', outside, '--key', pem];
      return spawnSync(process.execPath, ['cli/crossdock.js', ...args], {
        encoding: 'utf8',
        env: { ...process.env, ...env, CROSSDOCK_PROFILE: profile, CROSSDOCK_DATA: dataDir },
      });
    };

    it('finds nothing where nobody did', () => {
      const { stdout, status } = verified();
      assert.match(
        stdout,
        /^12 rows are as they were written.* 2 checkpoints from outside agree\n1 seals of steps agree\n$/,
      );
      assert.equal(status, 0);
    });

    for (const [name, { does, says, unseen }] of Object.entries(cheats))
      it(`${unseen ? 'does not find' : 'finds'} that ${name}`, async () => {
        await does(insider);
        const { stdout, stderr, status } = verified();
        assert.match(`${stderr}${stdout}`, says);
        assert.equal(status, unseen ? 0 : 1);
      });
  });
}

cheating('embedded store', {
  stores: (dataDir) => ({ profile: 'embedded', dataDir, env: {} }),
  async tamper(dataDir, sql) {
    const db = new DatabaseSync(join(dataDir, 'crossdock.db'));
    db.exec('DROP TRIGGER IF EXISTS audit_unchanged; DROP TRIGGER IF EXISTS audit_kept');
    for (const one of sql) db.exec(one);
    db.close();
  },
  empty: 'DELETE FROM audit',
});

describeReal(['postgres'], 'PostgreSQL', ({ postgres }) => {
  const { url } = postgres!;
  const prefix = `cheats${randomUUID().slice(0, 8)}`;
  const schema = `${prefix}_crossdock`;
  let admin: pg.Pool;
  before(() => (admin = new pg.Pool({ connectionString: url, max: 1, options: `-c search_path=${schema}` })));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    await admin.end();
  });
  cheating('PostgreSQL', {
    stores: (dataDir) => ({
      profile: 'cluster',
      dataDir,
      env: { DATABASE_URL: url, CROSSDOCK_PREFIX: prefix },
    }),
    async tamper(_dataDir, sql) {
      await admin.query('ALTER TABLE audit DISABLE TRIGGER ALL');
      for (const one of sql) await admin.query(one);
    },
    // No trigger of rows hears of it.
    empty: 'TRUNCATE audit',
    reset: () => admin.query(`DROP SCHEMA IF EXISTS ${schema} CASCADE`),
  });
});
