/** Secrets: where they come from, how they change while the hub runs, and what is said of them. */
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { causesOf } from '../runtime/alerts/causes.ts';
import type { AuditEntry } from '../runtime/audit/acts.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { createLog } from '../runtime/log/log.ts';
import { openPartner } from '../runtime/http/partner.ts';
import { followed, madeOf, tellChanged } from '../runtime/secrets/following.ts';
import { holding, printOf, readKept } from '../runtime/secrets/kept.ts';
import { keptFile } from '../runtime/secrets/sources.ts';
import { listSecrets } from '../runtime/secrets/list.ts';
import { rotateWebhook, webhookVariable } from '../runtime/secrets/rotation/rotate.ts';
import { secretsOf } from '../runtime/secrets/secrets.ts';
import { noteEnd, noteSeen, readSeen } from '../runtime/secrets/seen.ts';
import { fromCommand } from '../runtime/secrets/sources.ts';
import { answerFile, requestFile, watchSecrets } from '../runtime/secrets/rotation/watch.ts';
import { coded, until } from './conformance/kit.ts';

const day = 86_400_000;

describe('secrets', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-secrets-'))));
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  const put = (name: string, text: string): string => {
    const file = join(dir, name);
    writeFileSync(file, text);
    return file;
  };
  const script = (text: string): string => {
    const file = put('command', `#!/bin/sh\n${text}\n`);
    chmodSync(file, 0o755);
    return file;
  };
  const opened = (env: NodeJS.ProcessEnv, names: string[] = []) => secretsOf({ env, dataDir: dir, names });
  const keeping = () => {
    const rows: AuditEntry[] = [];
    return { rows, append: async (row: AuditEntry) => void rows.push(row) };
  };

  describe('sources', () => {
    it('the environment counts before a file, a file before a folder, a folder before a command', async () => {
      const folder = join(dir, 'folder');
      mkdirSync(folder);
      for (const name of ['A_KEY', 'B_KEY', 'C_KEY']) writeFileSync(join(folder, name), `folder ${name}\n`);
      const env: NodeJS.ProcessEnv = {
        A_KEY: 'environment',
        A_KEY_FILE: put('a', 'file'),
        B_KEY_FILE: put('b', 'file\n'),
        CROSSDOCK_SECRETS_DIR: folder,
        CROSSDOCK_SECRETS_COMMAND: script('printf "command %s" "$1"'),
        PATH: process.env['PATH'],
      };
      const secrets = await opened(env, ['A_KEY', 'B_KEY', 'C_KEY', 'D_KEY']);
      const read = ['A_KEY', 'B_KEY', 'C_KEY', 'D_KEY'].map((name) => [env[name], secrets.sourceOf(name)]);
      assert.deepEqual(read, [
        ['environment', 'environment'],
        ['file', 'file'],
        ['folder C_KEY', 'folder'],
        ['command D_KEY', 'command'],
      ]);
    });

    it('a file that is changed is read again; one that went, or is empty, changes nothing and is told', async () => {
      const file = put('a', 'one');
      const env: NodeJS.ProcessEnv = { A_KEY_FILE: file };
      const secrets = await opened(env);
      writeFileSync(file, 'two');
      assert.deepEqual((await secrets.read()).changed, ['A_KEY']);
      assert.equal(env['A_KEY'], 'two');
      writeFileSync(file, '');
      assert.deepEqual(await secrets.read(), {
        changed: [],
        troubles: [{ name: 'A_KEY', why: 'the file is empty' }],
      });
      rmSync(file);
      const { troubles } = await secrets.read();
      assert.match(troubles[0]!.why, /ENOENT/);
      assert.equal(env['A_KEY'], 'two');
    });

    it('files that other programs name are not read', async () => {
      const env: NodeJS.ProcessEnv = {
        CROSSDOCK_AUDIT_FILE: put('audit', 'x'),
        AWS_WEB_IDENTITY_TOKEN_FILE: put('aws', 'x'),
        SSL_CERT_FILE: put('cert', 'x'),
      };
      await opened(env);
      assert.deepEqual(Object.keys(env).toSorted(), [
        'AWS_WEB_IDENTITY_TOKEN_FILE',
        'CROSSDOCK_AUDIT_FILE',
        'SSL_CERT_FILE',
      ]);
    });

    it('a command gets the name as it is, without a shell, and what it says on standard error goes nowhere', async () => {
      const command = script('echo "the secret is s3cret" >&2; printf "%s" "$1"');
      const { values, troubles } = await fromCommand({ CROSSDOCK_SECRETS_COMMAND: command }, ['X; touch y']);
      assert.deepEqual([...values], [['X; touch y', 'X; touch y']]);
      assert.deepEqual([...troubles], []);
    });

    it('a command that fails has none of that name; one that is not there is told', async () => {
      const failing = await fromCommand({ CROSSDOCK_SECRETS_COMMAND: script('exit 3') }, ['A_KEY']);
      assert.deepEqual([failing.values.size, failing.troubles.size], [0, 0]);
      const absent = await fromCommand({ CROSSDOCK_SECRETS_COMMAND: join(dir, 'none') }, ['A_KEY']);
      assert.equal(absent.troubles.get('A_KEY'), 'the command: ENOENT');
    });

    it('what the hub made counts until its source has another value', async () => {
      const file = put('a', 'base');
      const env: NodeJS.ProcessEnv = { A_WEBHOOK_SECRETS_FILE: file };
      const secrets = await opened(env);
      const audit = keeping();
      const how = { secrets, env, dataDir: dir, audit, by: 'olga' };
      const now = new Date();
      const { made } = await rotateWebhook(how, 'A_WEBHOOK_SECRETS', { overlapMs: day }, now);
      await secrets.read();
      assert.equal(env['A_WEBHOOK_SECRETS'], `${made} base`);
      assert.equal(secrets.sourceOf('A_WEBHOOK_SECRETS'), 'hub');
      writeFileSync(file, 'other');
      await secrets.read();
      assert.equal(env['A_WEBHOOK_SECRETS'], 'other base');
      assert.deepEqual(
        audit.rows.map(({ who, act, object, outcome }) => [who, act, object, outcome]),
        [
          ['olga', 'secret.rotate', 'secret/A_WEBHOOK_SECRETS', 'begun'],
          ['olga', 'secret.rotate', 'secret/A_WEBHOOK_SECRETS', 'done'],
        ],
      );
      assert.ok(!JSON.stringify(audit.rows).includes(made!));
      assert.equal(statSync(keptFile(env, dir)).mode & 0o777, 0o600);
    });
  });

  describe('a rotation', () => {
    const at = new Date('2026-12-01T10:00:00Z');
    const later = (ms: number) => new Date(at.getTime() + ms);

    it('holds both until the overlap ends, and an older one no longer than before', async () => {
      const env: NodeJS.ProcessEnv = { SHOP_WEBHOOK_SECRETS: 'whsec_b25l' };
      const how = { secrets: await opened(env), env, dataDir: dir, audit: keeping(), by: 'olga' };
      const first = await rotateWebhook(how, 'SHOP_WEBHOOK_SECRETS', { overlapMs: 1000 }, at);
      assert.match(first.made!, /^whsec_/);
      const kept = async () => (await readKept(keptFile(env, dir)))['SHOP_WEBHOOK_SECRETS']!;
      assert.equal(holding(await kept(), 'whsec_b25l', at), `${first.made} whsec_b25l`);
      assert.equal(holding(await kept(), 'whsec_b25l', later(1001)), first.made);
      env['SHOP_WEBHOOK_SECRETS'] = holding(await kept(), 'whsec_b25l', at);
      const taken = 'whsec_dHdv';
      await rotateWebhook(how, 'SHOP_WEBHOOK_SECRETS', { taken, overlapMs: 9000 }, at);
      assert.equal(holding(await kept(), 'whsec_b25l', at), `${taken} ${first.made} whsec_b25l`);
      assert.equal(holding(await kept(), 'whsec_b25l', later(1001)), `${taken} ${first.made}`);
      assert.equal(holding(await kept(), 'whsec_b25l', later(9001)), taken);
    });

    it('loses no other one that comes at the same time', async () => {
      const env: NodeJS.ProcessEnv = { SHOP_WEBHOOK_SECRETS: 'one', BANK_WEBHOOK_SECRETS: 'one' };
      const how = { secrets: await opened(env), env, dataDir: dir, audit: keeping(), by: 'olga' };
      const rotated = (name: string, taken: string) =>
        rotateWebhook(how, name, { taken, overlapMs: day }, at);
      await Promise.all([
        rotated('SHOP_WEBHOOK_SECRETS', 'two'),
        rotated('BANK_WEBHOOK_SECRETS', 'two'),
        rotated('SHOP_WEBHOOK_SECRETS', 'three'),
      ]);
      const kept = await readKept(keptFile(env, dir));
      assert.equal(holding(kept['SHOP_WEBHOOK_SECRETS']!, 'one', at), 'three two one');
      assert.equal(holding(kept['BANK_WEBHOOK_SECRETS']!, 'one', at), 'two one');
    });

    it('refuses what is no word, what is there already, and where there is nothing to go on from', async () => {
      const env: NodeJS.ProcessEnv = { SHOP_WEBHOOK_SECRETS: 'one' };
      const how = { secrets: await opened(env), env, dataDir: dir, audit: keeping(), by: 'olga' };
      for (const taken of ['one', 'two words'])
        await assert.rejects(
          rotateWebhook(how, 'SHOP_WEBHOOK_SECRETS', { taken, overlapMs: 1 }, at),
          coded('REQUEST_INVALID'),
        );
      await assert.rejects(
        rotateWebhook(how, 'NONE_WEBHOOK_SECRETS', { overlapMs: 1 }, at),
        coded('SETTING_MISSING'),
      );
      assert.equal(webhookVariable('my-shop'), 'MY_SHOP_WEBHOOK_SECRETS');
      assert.throws(() => webhookVariable('ODOO_API_KEY'), coded('REQUEST_INVALID'));
    });
  });

  describe('what is made of a secret', () => {
    it('is made anew where it is another one, and only there', () => {
      let text = 'one';
      let times = 0;
      const made = madeOf(
        () => text,
        () => `${text} ${(times += 1)}`,
      );
      assert.equal(made(), 'one 1');
      tellChanged(['OTHER']);
      assert.equal(made(), 'one 1');
      text = 'two';
      assert.equal(made(), 'one 1');
      tellChanged(['THIS']);
      assert.deepEqual([made(), made()], ['two 2', 'two 2']);
    });

    it('is not used on where the new one is wrong', () => {
      let text = 'one';
      const made = madeOf(
        () => text,
        () => {
          if (text === 'wrong') throw new CodedError('CONFIG_INVALID', 'It is no key');
          return text;
        },
      );
      made();
      text = 'wrong';
      tellChanged(['THIS']);
      for (let tries = 0; tries < 2; tries += 1) assert.throws(made, coded('CONFIG_INVALID'));
      text = 'right';
      tellChanged(['THIS']);
      assert.equal(made(), 'right');
    });

    it('hears of its own changes only, until it has gone', () => {
      let text = 'one';
      let heard = 0;
      const gone = followed(
        () => text,
        () => (heard += 1),
      );
      tellChanged(['OTHER']);
      text = 'two';
      tellChanged(['THIS']);
      gone();
      text = 'three';
      tellChanged(['THIS']);
      assert.equal(heard, 1);
    });

    it('a partner whose key cannot be one is refused at the start, as ever', () => {
      const options = { url: 'http://127.0.0.1:9', timeoutMs: 1000, authentication: 'bearer' as const };
      assert.throws(() => openPartner({ ...options, secret: () => '' }), coded('CONFIG_INVALID'));
    });
  });

  it('a hub that is asked to reads again and answers with names, and an audit row each', async () => {
    const file = put('a', 'first-value');
    const env: NodeJS.ProcessEnv = { A_KEY_FILE: file };
    const secrets = await opened(env);
    const audit = keeping();
    let logged = '';
    const log = createLog({ level: 'info', destination: { write: (text: string) => void (logged += text) } });
    const watching = watchSecrets({ secrets, dataDir: dir, audit, log, everyMs: 5 });
    writeFileSync(file, 'second-value');
    writeFileSync(requestFile(dir), JSON.stringify({ id: 'r1', by: 'olga' }));
    const answer = () => {
      try {
        return JSON.parse(readFileSync(answerFile(dir), 'utf8')) as { id: string };
      } catch {
        return undefined;
      }
    };
    await until('the answer', () => answer()?.id === 'r1' && audit.rows.length === 1);
    await watching.end();
    assert.equal(env['A_KEY'], 'second-value');
    const { act, outcome, object } = audit.rows[0]!;
    assert.deepEqual([`${act} ${outcome}`, object], ['secret.change done', 'secret/A_KEY']);
    assert.match(logged, /A_KEY has another value/);
    for (const value of ['first-value', 'second-value'])
      assert.ok(![logged, JSON.stringify(audit.rows), JSON.stringify(answer())].join('').includes(value));
  });

  it('SIGHUP reads them at once, the command too', async () => {
    put('value', 'first');
    const env: NodeJS.ProcessEnv = {
      CROSSDOCK_SECRETS_COMMAND: script(`cat ${dir}/value`),
      PATH: process.env['PATH'],
    };
    const secrets = await opened(env, ['A_KEY']);
    const log = createLog({ level: 'silent' });
    const watching = watchSecrets({ secrets, dataDir: dir, audit: keeping(), log, everyMs: 3_600_000 });
    put('value', 'second');
    process.kill(process.pid, 'SIGHUP');
    await until('the new value', () => env['A_KEY'] === 'second');
    await watching.end();
  });

  describe('the list', () => {
    const now = new Date('2026-12-01T10:00:00Z');
    const listed = async (env: NodeJS.ProcessEnv, yaml: string, names: string[]) => {
      put('secrets.yaml', yaml);
      const secrets = await opened(env, names);
      return listSecrets({ secrets, env, dataDir: dir, definitionsDir: dir, names }, now);
    };
    const rules = (of: string) => `warn: 14 days\nsecrets:\n${of}`;

    it('has the age, and the end by a date, by an age, or as it was asked; never a value', async () => {
      const env: NodeJS.ProcessEnv = { A_KEY: 'value-a', B_KEY: 'value-b', C_KEY: 'value-c', D_URL: 'x' };
      const values = new Map(Object.entries(env) as [string, string][]);
      await noteSeen(dir, values, new Date('2026-11-01T10:00:00Z'));
      await noteEnd(dir, 'C_KEY', 'value-c', '2026-12-03T00:00:00.000Z');
      const rows = await listed(
        env,
        rules(
          '  A_KEY: { owner: it, what: One, maxAge: 90 days }\n  B_KEY: { owner: it, what: Two, ends: 2026-12-10 }\n  C_KEY: { owner: it, what: Three, maxAge: 90 days }',
        ),
        ['A_KEY', 'B_KEY', 'C_KEY', 'D_URL', 'E_KEY'],
      );
      const said = rows.map(({ name, endsBy, daysLeft, soon, since }) => [
        name,
        endsBy,
        daysLeft,
        soon,
        !!since,
      ]);
      assert.deepEqual(said, [
        ['A_KEY', 'age', 60, undefined, true],
        ['B_KEY', 'date', 9, true, true],
        ['C_KEY', 'odoo', 1, true, true],
        ['E_KEY', undefined, undefined, undefined, false],
      ]);
      assert.ok(!JSON.stringify(rows).includes('value-'));
    });

    it('what ends soon is told to its owner, and only that; by its name', async () => {
      const env: NodeJS.ProcessEnv = { A_KEY: 'value-a', B_KEY: 'value-b', C_KEY: 'value-c' };
      const yaml =
        '  A_KEY: { owner: it, what: One, ends: 2026-12-10 }\n  B_KEY: { owner: it, what: Two, ends: 2027-12-10 }\n  C_KEY: { owner: finance, what: Three, ends: 2026-11-10 }';
      const rows = await listed(env, rules(yaml), ['A_KEY', 'B_KEY', 'C_KEY']);
      const health = { outages: [], consumers: [], queues: [], store: {} };
      const seen = { health, rates: [], secrets: rows, tierOf: () => 'standard', teamOf: () => '' };
      const causes = causesOf(seen as never, now);
      assert.deepEqual(
        causes.map(({ id, team, once }) => [id, team, once]),
        [
          ['secret/A_KEY/2026-12-10', 'it', true],
          ['secret/C_KEY/2026-11-10', 'finance', true],
        ],
      );
      assert.match(causes[0]!.what, /^The secret A_KEY ends on 2026-12-10/);
      assert.match(causes[1]!.what, /^The secret C_KEY ended on 2026-11-10/);
    });

    it('what is noted at the same time is all kept', async () => {
      const now = new Date('2026-11-01T10:00:00Z');
      await Promise.all([
        noteSeen(dir, new Map([['A_KEY', 'value-a']]), now),
        noteEnd(dir, 'A_KEY', 'value-a', '2026-12-03T00:00:00.000Z'),
        noteSeen(dir, new Map([['B_KEY', 'value-b']]), now),
      ]);
      const { seen, ends } = readSeen(dir);
      assert.deepEqual([Object.keys(seen), Object.keys(ends ?? {})], [['A_KEY', 'B_KEY'], ['A_KEY']]);
      assert.equal(seen['A_KEY']?.hash, ends?.['A_KEY']?.hash);
    });

    it('a value that is another one has another age', async () => {
      const env: NodeJS.ProcessEnv = { A_KEY: 'value-a' };
      await noteSeen(dir, new Map([['A_KEY', 'before']]), new Date('2026-01-01T10:00:00Z'));
      await noteSeen(dir, new Map([['A_KEY', 'value-a']]), new Date('2026-11-30T10:00:00Z'));
      const [row] = await listed(env, rules('  A_KEY: { owner: it, what: One, maxAge: 90 days }'), ['A_KEY']);
      assert.equal(row!.since, '2026-11-30T10:00:00.000Z');
      assert.ok(!readFileSync(join(dir, 'secrets-seen.json'), 'utf8').includes('value-a'));
    });

    it('a file that says anything else is refused', async () => {
      await assert.rejects(
        listed({}, rules('  A_KEY: { owner: it, what: One, value: x }'), ['A_KEY']),
        coded('CONFIG_INVALID'),
      );
    });
  });

  it('a print is not the value, and another salt gives another', () => {
    assert.notEqual(printOf('value').hash, printOf('value').hash);
    assert.equal(printOf('value', 'salt').hash, printOf('value', 'salt').hash);
  });
});
