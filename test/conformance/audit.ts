/** What the audit of every journal does: one chain, whoever writes it, and no row that changes unseen. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { beginning, type AuditRow, type Link } from '../../runtime/audit/chain.ts';
import { digestOf } from '../../runtime/signature/signature.ts';
import { verifyChain, type Bad } from '../../runtime/audit/trail/verify.ts';
import { allRows } from '../../runtime/journal/audit.ts';
import type { Journal } from '../../runtime/journal/journal.ts';
import { entry } from './audit-entry.ts';

/** What a forger writes beside what the row says. */
const hashFor = ({ hash: _hash, ...said }: AuditRow): string => digestOf(said);

export interface OpenAudit {
  open(): Promise<Journal>;
  /** Past the hub and its triggers, as who owns the database can. */
  tamper(sql: string): Promise<void>;
  /** Of `audit-writer.ts`. */
  writer: readonly string[];
}

export function auditConformance(name: string, { open, tamper, writer }: OpenAudit): void {
  describe(`${name}: the audit`, () => {
    let journal: Journal;
    beforeEach(async () => (journal = await open()));
    afterEach(() => journal.close());

    const rows = (): Promise<AuditRow[]> => Array.fromAsync(allRows(journal.audit));
    const checked = async (outside: readonly Link[] = []): Promise<Bad | undefined> =>
      (await verifyChain(allRows(journal.audit), outside)).bad;
    const fill = async (count: number): Promise<AuditRow[]> => {
      const written: AuditRow[] = [];
      for (let at = 1; at <= count; at += 1)
        written.push(await journal.audit.append(entry({ object: `letter/${at}` })));
      return written;
    };

    it('is a chain from its beginning, and reads as it was written', async () => {
      assert.deepEqual(await journal.audit.last(), beginning);
      const { before: _before, reason: _reason, ...short } = entry({ outcome: 'done' });
      const first = await journal.audit.append(entry({ object: 'letter/a\0b\ud800' }));
      const second = await journal.audit.append(short);
      assert.deepEqual([first.sequence, first.previous], [1, beginning.hash]);
      assert.deepEqual([second.sequence, second.previous], [2, first.hash]);
      assert.equal(first.object, 'letter/ab\ufffd');
      assert.deepEqual(await rows(), [first, second]);
      assert.deepEqual(await journal.audit.newest(1), [second]);
      assert.deepEqual(await journal.audit.newest(1, { before: 2 }), [first]);
      assert.deepEqual(await journal.audit.newest(9, { object: first.object, who: 'olga' }), [first]);
      assert.deepEqual(await journal.audit.newest(9, { act: 'login' }), []);
      assert.equal((await journal.audit.last()).hash, second.hash);
      assert.equal(await checked([first, second]), undefined);
    });

    it('has rows that a statement neither changes nor deletes', async () => {
      await fill(1);
      const { db } = journal.upkeep;
      await assert.rejects(db.updateTable('audit').set({ who: 'nobody' }).execute(), /never changed/);
      await assert.rejects(db.deleteFrom('audit').execute(), /never (changed or )?deleted/);
      assert.equal((await rows())[0]?.who, 'olga');
    });

    const changes: Record<string, [sql: string[], Omit<Bad, 'why'>]> = {
      'a row that was altered': [
        ["UPDATE audit SET who = 'nobody' WHERE sequence = 3"],
        { sequence: 3, is: 'altered' },
      ],
      'an error code that was taken out': [
        ['UPDATE audit SET reason = NULL WHERE sequence = 3'],
        { sequence: 3, is: 'altered' },
      ],
      'a row that was deleted in the middle': [
        ['DELETE FROM audit WHERE sequence = 3'],
        { sequence: 3, is: 'missing' },
      ],
      'rows that were deleted at the beginning': [
        ['DELETE FROM audit WHERE sequence < 3'],
        { sequence: 1, is: 'missing' },
      ],
      'rows that were closed up': [
        ['DELETE FROM audit WHERE sequence = 3', 'UPDATE audit SET sequence = 3 WHERE sequence = 6'],
        { sequence: 3, is: 'altered' },
      ],
      'rows in another order': [
        [
          'UPDATE audit SET sequence = 100 WHERE sequence = 3',
          'UPDATE audit SET sequence = 3 WHERE sequence = 4',
          'UPDATE audit SET sequence = 4 WHERE sequence = 100',
        ],
        { sequence: 3, is: 'altered' },
      ],
    };
    for (const [title, [statements, bad]] of Object.entries(changes))
      it(`shows ${title}, without anything from outside`, async () => {
        await fill(6);
        for (const sql of statements) await tamper(sql);
        const { why: _why, ...found } = (await checked())!;
        assert.deepEqual(found, bad);
      });

    it('shows a row that was altered with its own hash', async () => {
      const written = await fill(6);
      const forged = { ...written[2]!, who: 'nobody' };
      await tamper(`UPDATE audit SET who = 'nobody', hash = '${hashFor(forged)}' WHERE sequence = 3`);
      const { why, ...found } = (await checked())!;
      assert.deepEqual(
        [found, why],
        [{ sequence: 3, is: 'altered' }, 'row 4 was written after another row 3'],
      );
    });

    it('shows a tail that was cut against what was sent outside, and not without it', async () => {
      const written = await fill(6);
      await tamper('DELETE FROM audit WHERE sequence > 4');
      assert.equal(await checked(), undefined);
      const { why, ...found } = (await checked([written[1]!, written[5]!]))!;
      assert.deepEqual(
        [found, why],
        [{ sequence: 5, is: 'cut' }, 'rows 5 to 6 were sent outside, and are gone'],
      );
      // What is written on does not hide it.
      await journal.audit.append(entry());
      await journal.audit.append(entry());
      assert.deepEqual((await checked([written[3]!, written[5]!]))?.is, 'rewritten');
    });

    it('shows a chain that was rewritten whole against what was sent outside', async () => {
      const written = await fill(6);
      let previous = written[1]!.hash;
      for (const row of written.slice(2)) {
        const forged = { ...row, who: 'nobody', previous };
        const hash = hashFor(forged);
        const sequence = `sequence = ${row.sequence}`;
        await tamper(
          `UPDATE audit SET who = 'nobody', previous = '${previous}', hash = '${hash}' WHERE ${sequence}`,
        );
        previous = hash;
      }
      assert.equal(await checked(), undefined);
      const { why, ...found } = (await checked([written[1]!, written[4]!]))!;
      assert.deepEqual(found, { sequence: 3, is: 'rewritten' });
      assert.equal(why, 'rows 3 to 5 are not those that were sent outside');
    });

    it('is one chain of what two processes write, 10,000 rows each', async function () {
      this.timeout(120_000);
      const each = 10_000;
      await Promise.all(['one', 'other'].map((who) => written([...writer, who, String(each)])));
      const all = await rows();
      assert.equal(all.length, 2 * each);
      const { bad, rows: count } = await verifyChain(allRows(journal.audit));
      assert.deepEqual([bad, count], [undefined, 2 * each]);
      for (const who of ['one', 'other'])
        assert.deepEqual(
          all.filter((row) => row.who === who).length,
          new Set(all.flatMap((row) => (row.who === who ? row.object : []))).size,
        );
      const turns = all.filter(({ who }, at) => at > 0 && who !== all[at - 1]!.who).length;
      assert.ok(turns > 1, 'they wrote one after the other');
    });
  });
}

async function written(args: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../audit-writer.ts'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  assert.equal(code, 0);
}
