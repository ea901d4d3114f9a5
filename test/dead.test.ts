/** Dead letters on both profiles, and what the command refuses. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { dead } from '../cli/dead.ts';
import { rerunCommand } from '../cli/rerun.ts';
import { rabbitBroker } from '../runtime/broker/rabbitmq.ts';
import { redisGuard } from '../runtime/guard/redis.ts';
import { openStores } from '../runtime/stores/profile.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { coded } from './conformance/kit.ts';
import { deadConformance } from './conformance/dead.ts';
import { removeNames } from './rabbit-names.ts';
import { describeReal } from './real.ts';

describe('embedded dead letters', () => {
  let dataDir: string;
  beforeEach(() => (dataDir = mkdtempSync(join(tmpdir(), 'crossdock-dead-'))));
  afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

  deadConformance('embedded', () => openStores({ profile: 'embedded', dataDir, env: {} }));
});

describeReal(['rabbitmq', 'redis', 'postgres'], 'cluster dead letters', ({ rabbitmq, redis, postgres }) => {
  const name = `test_${randomUUID().slice(0, 8)}`;
  const queues = new Set<string>();
  let admin: pg.Pool;

  before(() => (admin = new pg.Pool({ connectionString: postgres.url, max: 1 })));
  beforeEach(() => admin.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`));
  after(async () => {
    await admin.query(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
    await admin.end();
    await removeNames(rabbitmq.url, name, queues);
  });

  deadConformance(
    'cluster',
    async () => {
      const [broker, guard, journal] = await Promise.all([
        rabbitBroker({ url: rabbitmq.url, prefix: name }),
        redisGuard({ url: redis.url, prefix: `${name}:` }),
        postgresJournal({ url: postgres.url, schema: name }),
      ]);
      const close = async () => {
        await broker.close();
        await Promise.all([guard.close(), journal.close()]);
      };
      return { broker, guard, journal, close };
    },
    queues,
  );
});

describe('the command dead', () => {
  for (const args of [
    'replay',
    'replay x --code Y',
    'replay --edit x.json',
    'replay --edit x.json --code Y',
    'replay x y --edit x.json',
    'replay x --per-second 0',
    'replay x --per-second many',
    'discard --reason x',
    'list --since yesterday',
    'list --since 12',
    'list --state gone',
    'show',
    'show x y',
    'bury',
  ])
    it(`refuses ${args}`, () => assert.rejects(dead(args.split(' ')), coded('REQUEST_INVALID')));
});

describe('the command rerun', () => {
  for (const args of [[], ['a', 'b']])
    it(`refuses ${args.length} ids`, () => assert.rejects(rerunCommand(args), coded('REQUEST_INVALID')));
});
