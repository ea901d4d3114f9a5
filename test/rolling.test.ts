/** A release on its way to the workers: one after the other, taken back from all where one fails, whoever is gone meanwhile. */
import assert from 'node:assert/strict';
import { generateKeyPairSync, createPublicKey } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { createLog } from '../runtime/log/log.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { bundleText, sealBundle } from '../runtime/release/bundle.ts';
import { keyId } from '../runtime/signature/signature.ts';
import { current, type Content, type Member, type Runs } from '../runtime/release/fleet.ts';
import { membership } from '../runtime/release/member.ts';
import { rolling, type Rolling } from '../runtime/release/rolling.ts';
import type { Switcher } from '../runtime/release/switcher.ts';
import { openTarget, type Target } from '../runtime/release/target.ts';
import { bringWorkingCopy } from '../runtime/authoring/working.ts';
import { openStore, type Store } from '../runtime/sqlite/store.ts';

const { privateKey } = generateKeyPairSync('ed25519');
const publicKey = createPublicKey(privateKey);
const log = createLog({ level: 'silent' });
const times = { lookMs: 5, turnMs: 1500, leaseMs: 1500 };

function release(version: string): string {
  const evidence = { tests: { passed: 1, failed: 0 }, lint: { errors: 0, warnings: 0 } };
  const manifest = { name: 'crossdock', version, created: '2026-05-05T12:00:00Z', author: 'anna' };
  const whole = { ...manifest, changelog: [], names: [], types: [], evidence };
  return bundleText(sealBundle(whole, new Map([['flows/a.yaml', version]]), privateKey));
}

describe('a release on its way to the workers', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-rolling-'));
  let store: Store;
  let journal: Journal;
  let hubs: Hub[] = [];
  let count = 0;
  /** Versions in the order in which workers took them, as `worker version`. */
  let taken: string[] = [];
  const atOnce = { now: 0, most: 0 };

  interface Hub {
    id: string;
    switcher: Switcher;
    rolling: Rolling;
    /** What it cannot run, and how it fails. */
    refuses: Map<string, (content: Content | undefined) => Promise<void>>;
    /** As kill -9. */
    die(): void;
  }

  const versionOf = (content: Content | undefined): string =>
    content?.manifest?.version ?? content?.digest ?? 'own';

  function hub(id: string, worker: boolean): Hub {
    const refuses: Hub['refuses'] = new Map();
    let runs: Runs = { since: 'the start' };
    const switcher: Switcher = {
      check: () => {},
      async run(content) {
        if (worker) atOnce.most = Math.max(atOnce.most, (atOnce.now += 1));
        try {
          await sleep(15);
          await refuses.get(versionOf(content))?.(content);
          if (worker) taken.push(`${id} ${versionOf(content)}`);
          const { digest, manifest } = content ?? {};
          runs = { ...(digest && { digest }), ...(manifest && { version: manifest.version }), since: 'now' };
        } finally {
          if (worker) atOnce.now -= 1;
        }
      },
      differences: () => [],
      runs: () => runs,
    };
    const fleet = { documents: journal.documents, id, log, switcher };
    const own = rolling({ ...fleet, times });
    const { poll } = membership({ ...fleet, rolling: own, worker, production: false });
    const timer = setInterval(() => void poll().catch(() => {}), 10);
    const made = { id, switcher, rolling: own, refuses, die: () => clearInterval(timer) };
    hubs.push(made);
    return made;
  }

  const target = ({ switcher, rolling: own }: Hub): Target =>
    openTarget({
      documents: journal.documents,
      audit: journal.audit,
      environment: { environment: 'dev', summary: 'x' },
      trusted: async () => new Map([[keyId(publicKey), publicKey]]),
      switcher,
      rolling: own,
      log,
    });
  const promote = (to: Target, version: string) => to.promote({ bundle: release(version), by: 'ben' });
  const run = (): string[] => hubs.map(({ switcher }) => switcher.runs().version ?? 'own');
  const until = async (is: () => boolean | Promise<boolean>): Promise<void> => {
    const late = Date.now() + 10_000;
    while (!(await is())) {
      assert.ok(Date.now() < late, JSON.stringify([run(), taken]));
      await sleep(5);
    }
  };
  const all = (version: string) => until(() => run().every((one) => one === version));

  beforeEach(async () => {
    store = openStore(join(dir, `${(count += 1)}.db`));
    journal = embeddedJournal(store);
    [hubs, taken] = [[], []];
    Object.assign(atOnce, { now: 0, most: 0 });
  });
  afterEach(async () => {
    for (const { die } of hubs) die();
    await sleep(30);
    await journal.close();
    store.close();
  });
  after(() => rmSync(dir, { recursive: true, force: true }));

  /** The hub with the editor, and three workers that it sees. */
  const four = async (): Promise<[Hub, Hub, Hub, Hub]> => {
    const made = [hub('driver', false), hub('w1', true), hub('w2', true), hub('w3', true)] as const;
    await until(async () => (await journal.documents.list('member')).length === 4);
    return [...made];
  };

  it('runs on all when the promotion is answered, and no two were drained at once', async () => {
    const [driver] = await four();
    const { state } = await promote(target(driver), '1.0.0');
    assert.equal(state, 'running');
    assert.deepEqual(run(), ['1.0.0', '1.0.0', '1.0.0', '1.0.0']);
    assert.equal(atOnce.most, 1);
    const { members, rollout } = await target(driver).status();
    assert.deepEqual([members.length, rollout], [4, undefined]);
  });

  it('one that cannot run it: all run the release before, and the promotion says which and why', async () => {
    const [driver, , , third] = await four();
    await promote(target(driver), '1.0.0');
    const missing = async (): Promise<never> => {
      throw new CodedError('ENVIRONMENT_INCOMPLETE', 'It cannot run here: no value for SHOP_KEY');
    };
    for (const { refuses, id } of hubs) if (id === third.id) refuses.set('1.1.0', missing);
    const { state, code, reason } = await promote(target(driver), '1.1.0');
    assert.deepEqual([state, code], ['failed', 'ENVIRONMENT_INCOMPLETE']);
    assert.match(reason ?? '', /^Worker .*no value for SHOP_KEY/);
    await all('1.0.0');
    assert.deepEqual((await target(driver).status()).running?.version, '1.0.0');
    assert.equal((await promote(target(driver), '1.2.0')).state, 'running', 'the next one is not in its way');
    assert.deepEqual(run(), ['1.2.0', '1.2.0', '1.2.0', '1.2.0']);
  });

  it('one that does not answer in time: the others run the release before', async () => {
    const [driver, first, second, third] = await four();
    await promote(target(driver), '1.0.0');
    second.refuses.set('1.1.0', () => new Promise(() => {}));
    const { state, code } = await promote(target(driver), '1.1.0');
    assert.deepEqual([state, code], ['failed', 'WORKER_SILENT']);
    assert.deepEqual(
      [driver, first, third].map(({ switcher }) => switcher.runs().version),
      ['1.0.0', '1.0.0', '1.0.0'],
    );
  });

  it('one that is gone does not block, and one that starts later takes what runs', async () => {
    const [driver, first] = await four();
    first.die();
    const old: Member = JSON.parse((await journal.documents.get('member', 'w1')) ?? '') as Member;
    await journal.documents.put('member', 'w1', JSON.stringify({ ...old, seen: '2020-01-01T00:00:00.000Z' }));
    hubs = hubs.filter(({ id }) => id !== 'w1');
    assert.equal((await promote(target(driver), '1.0.0')).state, 'running');
    hub('w4', true);
    await all('1.0.0');
  });

  it('one that starts in the middle has its turn too', async () => {
    const [driver] = await four();
    const promoting = promote(target(driver), '1.0.0');
    await until(() => taken.length > 0);
    hub('late', true);
    await promoting;
    await all('1.0.0');
    assert.equal(atOnce.most, 1);
  });

  it('the hub that drives it is started again in the middle: it goes on', async () => {
    const [driver, , second] = await four();
    let go: (() => void) | undefined;
    second.refuses.set('1.0.0', () => new Promise((resolve) => (go = resolve)));
    void promote(target(driver), '1.0.0').catch(() => {});
    await until(() => go !== undefined);
    const again = target({
      ...driver,
      rolling: rolling({ documents: journal.documents, id: 'again', log, times }),
    });
    const recovering = again.recover();
    await sleep(20);
    go?.();
    await recovering;
    await all('1.0.0');
    assert.equal((await again.status()).history[0]?.state, 'running');
  });

  it('the hub that drives it is gone: the workers go back by themselves, and take the next one', async () => {
    const [driver, first] = await four();
    await promote(target(driver), '1.0.0');
    await journal.documents.put('release', 'x', '');
    const roll = await driver.rolling.begin({
      id: 'p2',
      digest: JSON.parse(release('1.1.0')).digest as string,
      version: '1.1.0',
      by: 'ben',
      before: (await current(journal.documents, false)) ?? '',
      pointer: { id: 'now', text: (await journal.documents.get('running', 'now')) ?? '' },
      known: [],
    });
    const bundle = release('1.1.0');
    await journal.documents.put('release', roll.rollout.digest, bundle);
    const text = (await journal.documents.get('rollout', 'now')) ?? '';
    const abandoned = { ...JSON.parse(text), turns: ['w1'], turn: 'w1' } as object;
    // From here on its driver's own changes are refused, as those of one that comes back too late.
    await journal.documents.put('rollout', 'now', JSON.stringify(abandoned));
    await until(() => first.switcher.runs().version === '1.1.0');
    await until(async () => (await journal.documents.get('rollout', 'now')) === '');
    await all('1.0.0');
    assert.equal((await promote(target(driver), '1.2.0')).state, 'running');
    await all('1.2.0');
  });

  it('a working copy reaches the workers, and where one cannot run it they go on with the one before', async () => {
    const [driver, , second] = await four();
    const place = { flowsDir: join(dir, 'flows'), definitionsDir: join(dir, 'definitions') };
    for (const folder of Object.values(place)) mkdirSync(folder, { recursive: true });
    const failures: unknown[] = [];
    const { switcher } = driver;
    const options = { documents: journal.documents, rolling: driver.rolling, switcher, ...place, log };
    const bring = async (text: string): Promise<string[]> => {
      writeFileSync(join(place.flowsDir, 'a.yaml'), text);
      await bringWorkingCopy({ ...options, failed: (error) => failures.push(error) });
      return hubs.slice(1).map((one) => one.switcher.runs().digest ?? 'own');
    };
    const first = await bring('one');
    assert.equal(new Set(first).size, 1);
    assert.match(first[0] ?? '', /^working:/);
    for (const worker of [second])
      worker.switcher.run = async (content) => {
        if (content?.files['flows/a.yaml'] === 'two') throw new Error('no');
      };
    assert.deepEqual(await bring('two'), first);
    assert.equal(failures.length, 1);
    assert.equal((await journal.documents.list('working')).length, 1, 'only the one that runs is kept');
    assert.equal(await current(journal.documents, true), undefined, 'production takes releases only');
  });
});
