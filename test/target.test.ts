/** A hub as the target of promotions that come at once: none is left half decided, and none takes another's place. */
import assert from 'node:assert/strict';
import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLog } from '../runtime/log/log.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { bundleText, sealBundle } from '../runtime/release/bundle.ts';
import { digestOf, keyId } from '../runtime/signature/signature.ts';
import { rolling } from '../runtime/release/rolling.ts';
import { openTarget, type Target } from '../runtime/release/target.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);

describe('promotions that come at once', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-target-'));
  let store: Store;
  let journal: Journal;
  let count = 0;
  let switched: (() => void)[];
  let target: Target;
  const version = (text: string): string => bundleText(sealed(text));
  const sealed = (text: string) =>
    sealBundle(
      {
        name: 'crossdock',
        version: text,
        created: '2026-05-05T12:00:00Z',
        author: 'anna',
        changelog: [],
        names: [],
        types: [],
        evidence: { tests: { passed: 1, failed: 0 }, lint: { errors: 0, warnings: 0 } },
      },
      new Map([['flows/a.yaml', text]]),
      privateKey,
    );
  const open = (approvals: number): Target =>
    openTarget({
      documents: journal.documents,
      audit: journal.audit,
      environment: { environment: 'prod', summary: 'x', production: approvals > 0, approvals },
      trusted: async () => new Map([[keyId(publicKey), publicKey]]),
      switcher: {
        check: () => {},
        run: () => new Promise<void>((resolve) => switched.push(resolve)),
        differences: () => [],
        runs: () => ({ since: '2026-05-05T12:00:00.000Z' }),
      },
      rolling: rolling({ documents: journal.documents, id: 'here', log: createLog({ level: 'silent' }) }),
      log: createLog({ level: 'silent' }),
      now: () => new Date('2026-05-05T12:00:00.000Z'),
    });
  const switching = async (): Promise<void> => {
    while (switched.length === 0) await new Promise((turn) => setImmediate(turn));
  };

  beforeEach(() => {
    store = openStore(join(dir, `${(count += 1)}.db`));
    journal = embeddedJournal(store);
    switched = [];
  });
  afterEach(async () => {
    await journal.close();
    await store.close();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  it('an approval while another release is switched on is refused before it counts, and can be given again', async () => {
    target = open(1);
    const [one, two] = [
      await target.promote({ bundle: version('1.0.0'), by: 'ben' }),
      await target.promote({ bundle: version('1.1.0'), by: 'ben' }),
    ];
    assert.notEqual(one.id, two.id);
    assert.deepEqual((await target.status()).waiting.length, 2);
    const first = target.approve(one.id, 'carla');
    await switching();
    await assert.rejects(target.approve(two.id, 'carla'), { code: 'PROMOTION_RUNNING' });
    switched.shift()!();
    assert.equal((await first).state, 'running');
    const second = target.approve(two.id, 'carla');
    await switching();
    switched.shift()!();
    assert.equal((await second).state, 'running');
    assert.deepEqual(
      (await target.status()).history.map(({ version: of, state }) => [of, state]),
      [
        ['1.1.0', 'running'],
        ['1.0.0', 'replaced'],
      ],
    );
  });

  it('stands in the audit with who sent, approved and broke the glass, refused tries too', async () => {
    target = open(1);
    const one = await target.promote({ bundle: version('1.0.0'), by: 'ben' });
    await assert.rejects(target.approve(one.id, 'anna'), { code: 'FOUR_EYES' });
    const approving = target.approve(one.id, 'carla');
    await switching();
    switched.shift()!();
    await approving;
    await assert.rejects(target.rollback('ben'), { code: 'RELEASE_UNKNOWN' });
    const glass = target.promote({ bundle: version('1.1.0'), by: 'ben', overrideReason: 'the shop is down' });
    await assert.rejects(glass, { code: 'CONFIG_INVALID' });
    const rows = await journal.audit.after(0);
    assert.deepEqual(
      rows.map(({ who, act, object, outcome, reason }) => [`${who} ${act} ${object} ${outcome}`, reason]),
      [
        ['ben release.promote release/1.0.0 begun', undefined],
        [`ben release.promote promotion/${one.id} done`, undefined],
        [`anna release.approve promotion/${one.id} begun`, undefined],
        [`anna release.approve promotion/${one.id} failed`, 'FOUR_EYES'],
        [`carla release.approve promotion/${one.id} begun`, undefined],
        [`carla release.approve promotion/${one.id} done`, undefined],
        ['ben release.rollback release begun', undefined],
        ['ben release.rollback release failed', 'RELEASE_UNKNOWN'],
        ['ben release.break-glass release/1.1.0 begun', digestOf('the shop is down')],
        ['ben release.promote release/1.1.0 begun', digestOf('the shop is down')],
        ['ben release.promote release/1.1.0 failed', 'CONFIG_INVALID'],
        ['ben release.break-glass release/1.1.0 failed', 'CONFIG_INVALID'],
      ],
    );
    assert.equal(rows[1]!.after, one.digest);
  });

  it('one that has its approvals and stands still goes on', async () => {
    target = open(1);
    const one = await target.promote({ bundle: version('1.0.0'), by: 'ben' });
    const stuck = { ...one, approvals: [{ by: 'carla', at: one.at }] };
    await journal.documents.put('promotion', one.id, JSON.stringify(stuck));
    const again = target.approve(one.id, 'carla');
    await switching();
    switched.shift()!();
    const { state, approvals } = await again;
    assert.deepEqual([state, approvals.length], ['running', 1]);
  });

  it('one that comes while another is switched on leaves nothing behind', async () => {
    target = open(0);
    const first = target.promote({ bundle: version('1.0.0'), by: 'ben' });
    await switching();
    const second = target.promote({ bundle: version('1.1.0'), by: 'ben' });
    await assert.rejects(second, { code: 'PROMOTION_RUNNING' });
    switched.shift()!();
    await first;
    assert.equal((await target.status()).history.length, 1);
  });

  it('a stop between the approval and the switch is seen at the next start', async () => {
    target = open(1);
    const one = await target.promote({ bundle: version('1.0.0'), by: 'ben' });
    void target.approve(one.id, 'carla');
    await switching();
    await journal.documents.put('running', 'now', '');
    await open(1).recover();
    assert.equal((await target.status()).history[0]?.state, 'failed');
  });
});
