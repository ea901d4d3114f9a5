/** Checkpoints of the audit outside of the store, and the command that compares them. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { checkpointOf, readCheckpoints } from '../runtime/audit/trail/checkpoint.ts';
import { checkpoints, keepCheckpoints } from '../runtime/audit/trail/keeper.ts';
import { verifyChain } from '../runtime/audit/trail/verify.ts';
import { sinksOf } from '../runtime/audit/trail/sinks.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { allRows } from '../runtime/journal/audit.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { publicPem } from '../runtime/signature/keys.ts';
import { keyId } from '../runtime/signature/signature.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded } from './conformance/kit.ts';
import { entry } from './conformance/audit-entry.ts';

const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyId(publicKey), publicKey]]);
const keyNow = async () => key;
const root = resolve(import.meta.dirname, '..');

describe('checkpoints of the audit', () => {
  let dir: string;
  let journal: Journal;
  let file: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-outside-'));
    file = join(dir, 'outside.jsonl');
    const store = openStore(join(dir, 'crossdock.db'));
    const inner = embeddedJournal(store);
    journal = { ...inner, close: () => inner.close().then(() => store.close()) };
  });
  afterEach(async () => {
    await journal.close();
    rmSync(dir, { recursive: true });
  });

  const lines = () => readFileSync(file, 'utf8').split('\n').slice(0, -1);
  const tamper = (sql: string) => {
    const db = new DatabaseSync(join(dir, 'crossdock.db'));
    db.exec('DROP TRIGGER IF EXISTS audit_unchanged; DROP TRIGGER IF EXISTS audit_kept');
    db.exec(sql);
    db.close();
  };

  it('are read with their signature, and refused without it, by their line', () => {
    const row = { sequence: 7, hash: `sha256:${'a'.repeat(64)}` };
    const one = checkpointOf(row, key, new Date('2026-03-01T10:00:00Z'));
    const text = JSON.stringify(one);
    assert.deepEqual(readCheckpoints(`${text}\n\n${text}\n`, trusted), [one, one]);
    const refused = [
      [text.replace('"sequence":7', '"sequence":6'), trusted],
      [text.replace('aaaa', 'aaab'), trusted],
      [text.replace('10:00', '11:00'), trusted],
      [text, new Map()],
      ['{"sequence":7}', trusted],
      ['half a li', trusted],
    ] as const;
    for (const [wrong, keys] of refused)
      assert.throws(() => readCheckpoints(`\n${wrong}\n`, keys), {
        code: 'AUDIT_CHECKPOINT_INVALID',
        message: /^Line 2 /,
      });
  });

  it('go to a file that is only added to, where there is something new', async () => {
    const send = checkpoints({
      audit: journal.audit,
      key: keyNow,
      sinks: sinksOf({ CROSSDOCK_AUDIT_FILE: file }, keyNow),
    });
    assert.equal(await send(), undefined);
    const first = await journal.audit.append(entry());
    assert.equal((await send())?.hash, first.hash);
    assert.equal(await send(), undefined);
    await journal.audit.append(entry());
    const third = await journal.audit.append(entry());
    await send();
    assert.deepEqual(
      readCheckpoints(lines().join('\n'), trusted).map(({ sequence, hash }) => [sequence, hash]),
      [
        [1, first.hash],
        [3, third.hash],
      ],
    );
  });

  it('go at least once a day, so that silence tells', async () => {
    let now = new Date('2026-03-01T10:00:00Z');
    const sinks = sinksOf({ CROSSDOCK_AUDIT_FILE: file }, async () => key);
    const send = checkpoints({ audit: journal.audit, key: keyNow, sinks, now: () => now });
    await journal.audit.append(entry());
    await send();
    now = new Date('2026-03-02T08:00:00Z');
    assert.equal(await send(), undefined);
    now = new Date('2026-03-02T09:00:00Z');
    assert.equal((await send())?.at, now.toISOString());
    assert.equal(lines().length, 2);
  });

  it('are made of no chain that was changed since the last one', async () => {
    const send = checkpoints({
      audit: journal.audit,
      key: keyNow,
      sinks: sinksOf({ CROSSDOCK_AUDIT_FILE: file }, keyNow),
    });
    for (let count = 0; count < 3; count += 1) await journal.audit.append(entry());
    await send();
    await journal.audit.append(entry());
    await journal.audit.append(entry());
    tamper("UPDATE audit SET who = 'nobody' WHERE sequence = 4");
    await assert.rejects(send(), { code: 'AUDIT_BROKEN', message: /^Row 4 / });
    tamper('DELETE FROM audit WHERE sequence > 2');
    await assert.rejects(send(), { code: 'AUDIT_BROKEN', message: /^Row 3 / });
    assert.equal(lines().length, 1);
  });

  it('are made of no chain that was changed before the start, and leave others their turn', async () => {
    const env = { CROSSDOCK_AUDIT_FILE: file };
    for (let count = 0; count < 3; count += 1) await journal.audit.append(entry());
    tamper("UPDATE audit SET who = 'nobody' WHERE sequence = 2");
    const send = checkpoints({ audit: journal.audit, key: keyNow, sinks: sinksOf(env, keyNow) });
    await assert.rejects(send(), { code: 'AUDIT_BROKEN', message: /^Row 2 / });
    assert.equal(existsSync(file), false);
    const page = await journal.audit.after(2, 1);
    let turns = 0;
    setImmediate(() => (turns += 1));
    const pages = [Array.from({ length: 5000 }, () => page[0]!), []];
    for await (const _row of allRows({ after: async () => pages.shift()! })) continue;
    assert.equal(turns, 1);
  });

  it('that differ hide nothing that was changed later', async () => {
    const sent = [];
    for (let count = 1; count <= 9; count += 1) sent.push(await journal.audit.append(entry()));
    const other = (sequence: number) => ({ sequence, hash: `sha256:${'b'.repeat(64)}` });
    const outside = [sent[1]!, other(4), other(5), sent[5]!, other(7), sent[7]!, sent[6]!];
    const whole = await verifyChain(allRows(journal.audit), outside);
    assert.deepEqual(
      [whole.rows, whole.agreed, [whole.bad, ...whole.more!].map((one) => `${one!.sequence} ${one!.why}`)],
      [
        9,
        4,
        [
          '3 rows 3 to 5 are not those that were sent outside',
          '7 rows 7 to 7 are not those that were sent outside',
        ],
      ],
    );
    tamper("UPDATE audit SET who = 'nobody' WHERE sequence = 9");
    const { bad, more } = await verifyChain(allRows(journal.audit), [other(4), sent[5]!, other(20)]);
    assert.deepEqual(
      [bad!, ...more!].map(({ sequence, is }) => [sequence, is]),
      [
        [1, 'rewritten'],
        [9, 'altered'],
      ],
    );
  });

  it('begin a line of their own after half a line, which stops no other', async () => {
    const send = checkpoints({
      audit: journal.audit,
      key: keyNow,
      sinks: sinksOf({ CROSSDOCK_AUDIT_FILE: file }, keyNow),
    });
    await journal.audit.append(entry());
    writeFileSync(file, '{"sequence":1,"ha');
    await send();
    await journal.audit.append(entry());
    await send();
    assert.equal(lines().length, 3);
    const refused: string[] = [];
    const read = readCheckpoints(lines().join('\n'), trusted, ({ message }) => void refused.push(message));
    assert.deepEqual([read.map(({ sequence }) => sequence), refused.length], [[1, 2], 1]);
    assert.match(refused[0]!, /^Line 1 /);
  });

  describe('by webhook', () => {
    let server: Server;
    let status: number;
    let got: { headers: IncomingHttpHeaders; body: string }[];
    let url: string;
    beforeEach(async () => {
      got = [];
      status = 204;
      server = createServer(async (request, response) => {
        got.push({ headers: request.headers, body: (await Array.fromAsync(request)).join('') });
        response.writeHead(status).end();
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/audit`;
    });
    afterEach(() => server.close());

    it('are signed with the key of the hub, and sent again until they are taken', async () => {
      const env = { CROSSDOCK_AUDIT_FILE: file, CROSSDOCK_AUDIT_URL: url };
      const send = checkpoints({ audit: journal.audit, key: keyNow, sinks: sinksOf(env, keyNow) });
      await journal.audit.append(entry());
      status = 503;
      await assert.rejects(send(), coded('PARTNER_REFUSED'));
      status = 204;
      assert.equal((await send())?.sequence, 1);
      assert.equal(await send(), undefined);
      assert.deepEqual([got.length, lines().length], [2, 1]);
      const { headers, body } = got[1]!;
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
      const [version, value = ''] = String(headers['webhook-signature']).split(',');
      assert.equal(version, 'v1a');
      const { hash } = await journal.audit.last();
      assert.equal(headers['webhook-id'], `audit-1-${hash.slice(7, 19)}`);
      const pem = createPublicKey(publicPem(key));
      assert.ok(verify(null, Buffer.from(signed), pem, Buffer.from(value, 'base64')));
      assert.equal(readCheckpoints(body, trusted)[0]?.sequence, 1);
    });

    it('are sent at the end too, and never where nothing is set', async () => {
      const log = pino({ level: 'silent' });
      assert.equal(keepCheckpoints(journal.audit, keyNow, { env: {}, log }), undefined);
      const wrong = { CROSSDOCK_AUDIT_URL: 'outside' };
      assert.throws(
        () => keepCheckpoints(journal.audit, keyNow, { env: wrong, log }),
        coded('CONFIG_INVALID'),
      );
      const kept = keepCheckpoints(journal.audit, keyNow, { env: { CROSSDOCK_AUDIT_URL: url }, log })!;
      await kept.now();
      assert.equal(got.length, 0);
      await journal.audit.append(entry());
      await kept.end();
      assert.equal(readCheckpoints(got[0]!.body, trusted)[0]?.sequence, 1);
    });
  });

  describe('in the command', () => {
    const run = (...args: string[]) => {
      const env = {
        ...process.env,
        CROSSDOCK_DATA: dir,
        CROSSDOCK_AUDIT_FILE: file,
        CROSSDOCK_AUDIT_URL: '',
      };
      return spawnSync(process.execPath, [join(root, 'cli/crossdock.js'), 'audit', ...args], {
        env: { ...env, CROSSDOCK_PROFILE: 'embedded', CROSSDOCK_SIGNING_KEY: '' },
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
    };

    it('are made, compared with the store and with a file, and name what is wrong', async () => {
      for (let count = 1; count <= 4; count += 1)
        await journal.audit.append(entry({ object: `letter/=${count}` }));
      assert.match(run('verify').stdout, /^4 rows are as they were written.*Nothing from outside/);
      assert.match(run('checkpoint').stdout, /^Row 5 is sent outside: sha256:/);
      const exported = join(dir, 'audit.jsonl');
      writeFileSync(exported, run('export').stdout);
      const compared = run('verify', '--checkpoint', file);
      assert.match(compared.stdout, /^6 rows .* 1 checkpoints from outside agree/);
      assert.equal(compared.status, 0);

      const pem = join(dir, 'hub.pem');
      writeFileSync(pem, publicPem(createKeyOf(dir)));
      const away = ['verify', '--checkpoint', file, '--key', pem, '--rows', exported];
      assert.match(run(...away).stdout, /^6 rows .* 1 checkpoints from outside agree/);
      const another = join(dir, 'another.pem');
      writeFileSync(another, publicPem(key));
      assert.match(run(...away, '--key', another).stdout, /^6 rows .* 1 checkpoints from outside agree/);
      writeFileSync(pem, publicPem(key));
      const untrusted = run(...away);
      assert.match(untrusted.stderr, /^AUDIT_CHECKPOINT_INVALID: Line 1 .* not trusted/);
      assert.match(untrusted.stdout, /^6 rows are as they were written/);
      assert.equal(untrusted.status, 1);

      tamper('DELETE FROM audit WHERE sequence > 3');
      const cut = run('verify', '--checkpoint', file);
      assert.match(cut.stdout, /^AUDIT_BROKEN: row 4 is the first that is cut: /);
      assert.equal(cut.status, 1);
      // What is not whole is left as it is; without anything from outside nobody knows.
      assert.equal((await journal.audit.last()).sequence, 3);
      assert.equal(run('verify').status, 0);
      writeFileSync(exported, readFileSync(exported, 'utf8').replace('olga', 'nobody'));
      const { bad } = JSON.parse(run('verify', '--rows', exported, '--json').stdout) as { bad: object };
      assert.deepEqual(Object.values(bad).slice(0, 2), [1, 'altered']);
      writeFileSync(exported, 'no row\n');
      assert.match(run('verify', '--rows', exported).stderr, /^CONFIG_INVALID: .*audit\.jsonl:1 is no row/);
    });

    it('are made by a uid that has no name on its machine too', async () => {
      await journal.audit.append(entry());
      const nameless = join(dir, 'nameless.mjs');
      writeFileSync(
        nameless,
        `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module';
        os.userInfo = () => { throw new Error('uv_os_get_passwd returned ENOENT') }; syncBuiltinESMExports();`,
      );
      const before = process.env['NODE_OPTIONS'];
      process.env['NODE_OPTIONS'] = `--import ${nameless}`;
      try {
        assert.match(run('checkpoint').stdout, /^Row 1 is sent outside/);
      } finally {
        if (before === undefined) delete process.env['NODE_OPTIONS'];
        else process.env['NODE_OPTIONS'] = before;
      }
    });

    it('list and export what was done, the csv without formulas', async () => {
      await journal.audit.append(entry({ who: '=1+1' }));
      await journal.audit.append(entry({ act: 'login', outcome: 'failed', reason: 'LOGIN_MISSING' }));
      const listed = run('list', '--limit', '1');
      assert.match(listed.stdout, /^2 .* olga {2}login failed LOGIN_MISSING {2}letter/);
      assert.match(listed.stderr, /--after '2'/);
      assert.equal((JSON.parse(run('--after', '2', '--json').stdout) as unknown[]).length, 1);
      assert.equal(run('list', '--act', 'login').stdout.split('\n').length, 2);
      assert.match(run('list', '--act', 'nonsense').stderr, /^REQUEST_INVALID: An act is one of login/);
      const [heading, first, second] = run('export', '--csv').stdout.split('\r\n');
      assert.match(heading!, /^sequence,time,who,from,act,/);
      assert.match(first!, /^1,[^,]+,'=1\+1,/);
      assert.match(second!, /^2,/);
      assert.match(run('nonsense').stderr, /^REQUEST_INVALID: Say what/);
    });
  });
});

function createKeyOf(dataDir: string) {
  return createPrivateKey(readFileSync(join(dataDir, 'signing-key.pem')));
}
