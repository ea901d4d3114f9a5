/** The kinds of faults: what each does, and which may not strike at the same time. */
import { Redis } from 'ioredis';
import pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Profile } from '../../runtime/stores/profile.ts';
import type { Answer } from '../../test/http-proxy.ts';
import { fillStore } from './ballast.ts';
import type { TestedHub } from './hub.ts';
import { pick, type Strike } from './plan.ts';
import { redeploy } from './redeploy.ts';
import { stack, type Stored, type Surroundings } from './surroundings.ts';

export interface Stage {
  hub: TestedHub;
  around: Surroundings;
  quotaMb: number;
}

interface Fault {
  /** Faults of one lane follow each other. */
  lane: string;
  /** Default both. */
  profile?: Profile;
  /** Resolves when it is over and what it struck is well again. */
  strike(stage: Stage, strike: Strike): Promise<void>;
}

const storeFullMs = 2000;
const slowMs = 1500;

export const faults: Record<string, Fault> = {
  kill: {
    lane: 'processes',
    strike: ({ hub }, { roll }) => pick(hub.members, roll).restart('SIGKILL'),
  },
  sigterm: {
    lane: 'processes',
    strike: ({ hub }, { roll }) => pick(hub.members, roll).restart('SIGTERM'),
  },
  redeploy: {
    lane: 'deploys',
    async strike({ hub }, { turn }) {
      await redeploy(hub, turn % 2 === 0 ? 'full' : 'reload');
      for (const worker of hub.members.slice(1)) await worker.restart('SIGTERM');
    },
  },
  rabbitmq: {
    lane: 'services',
    profile: 'cluster',
    strike: (stage, { turn }) =>
      away(stage, 'rabbitmq', () => (turn % 2 === 0 ? killed('rabbitmq') : stack('restart', 'rabbitmq'))),
  },
  'redis-empty': {
    lane: 'services',
    profile: 'cluster',
    strike: (stage) =>
      away(stage, 'redis', async () => {
        const redis = new Redis(stage.around.services.redis.url);
        await redis.flushall();
        redis.disconnect();
        await killed('redis');
      }),
  },
  'cut-amqp': { lane: 'network', profile: 'cluster', strike: (stage) => cut(stage, 'rabbitmq') },
  'cut-redis': { lane: 'network', profile: 'cluster', strike: (stage) => cut(stage, 'redis') },
  'cut-postgres': {
    lane: 'network',
    profile: 'cluster',
    strike: (stage, { turn }) => (turn % 2 === 0 ? cut(stage, 'postgres') : terminate(stage)),
  },
  'cut-odoo': { lane: 'network', strike: (stage) => cut(stage, 'odoo') },
  delay: {
    lane: 'network',
    async strike({ around }, { roll }) {
      const proxies = Object.values(around.connections);
      const proxy = pick(proxies, roll);
      proxy.delay(50 + Math.round(((roll * proxies.length) % 1) * 450));
      await sleep(slowMs);
      proxy.delay(0);
    },
  },
  'lost-answer': {
    lane: 'lost answers',
    strike: ({ around }, { turn }) => around.answers.lose('sale.order', writes[turn % 2]!),
  },
  'odoo-500': answering('500', () => failure(500, 'builtins.KeyError', "'chaos'")),
  'odoo-409': answering('409', () => failure(409, 'odoo.exceptions.LockError', 'The record is locked')),
  'odoo-422': answering('422', () =>
    failure(422, 'odoo.exceptions.UserError', 'Refused once by the campaign'),
  ),
  'odoo-html': answering('html', (turn) =>
    turn % 2 === 0
      ? { status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }
      : { status: 500, body: '<html><h1>Internal Server Error</h1></html>' },
  ),
  'store-full': {
    lane: 'store',
    profile: 'embedded',
    strike: async ({ hub, quotaMb }) => fillStore((await hub.authoring.up()).dataDir, quotaMb, storeFullMs),
  },
};

const writes = ['load', 'action_confirm'] as const;

/** Each in a lane of its own: it waits for the call it answers. */
function answering(lane: string, answer: (turn: number) => Answer): Fault {
  return {
    lane,
    strike: ({ around }, { turn, roll }) =>
      around.answers.instead('sale.order', pick(writes, roll), answer(turn)),
  };
}

/** As Odoo's JSON-2 words it. */
function failure(status: number, name: string, message: string): Answer {
  return { status, body: { name, message, arguments: [message], context: {}, debug: 'Traceback …' } };
}

async function cut({ around }: Stage, which: 'odoo' | Stored): Promise<void> {
  around.connections[which]!.cut();
}

/** PostgreSQL ends them itself, and says so. */
async function terminate({ around }: Stage): Promise<void> {
  const client = new pg.Client(around.services.postgres.url);
  await client.connect();
  await client.query(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crossdock' AND usename = current_user",
  );
  await client.end();
}

/** Nobody connects to the address while nobody listens there: the port might be taken by the asking end itself. */
async function away({ around }: Stage, which: Stored, work: () => Promise<void>): Promise<void> {
  const connection = around.connections[which]!;
  connection.down();
  try {
    await work();
  } finally {
    connection.up();
  }
}

async function killed(service: Stored): Promise<void> {
  await stack('kill', service);
  await stack('up');
}
