/** `npm run acceptance -- order-to-cash [--orders N --profile P --json]`: the business on a real Odoo; ends with 1 on a difference. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { odooEnvironment, startHubProcess } from '../e2e/hub-process.ts';
import { flowQueues, removeNames } from '../rabbit-names.ts';
import { real } from '../real.ts';
import { orderToCash } from './order-to-cash.ts';

const { values, positionals } = parseArgs({
  options: {
    orders: { type: 'string', default: '100' },
    profile: { type: 'string', default: 'cluster' },
    json: { type: 'boolean', default: false },
    'within-minutes': { type: 'string', default: '15' },
    keep: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const orders = Number(values.orders);
if (positionals[0] !== 'order-to-cash' || !(orders >= 1) || !/^(cluster|embedded)$/.test(values.profile)) {
  process.stderr.write(
    'npm run acceptance -- order-to-cash [--orders N --profile cluster|embedded --json]\n',
  );
  process.exit(2);
}
const [odooAt, rabbitmq, redis, postgres] = [real('odoo'), real('rabbitmq'), real('redis'), real('postgres')];
if (!odooAt || !rabbitmq || !redis || !postgres) {
  process.stderr.write('The services do not run: test/stack up\n');
  process.exit(2);
}
const source = `acc-${randomBytes(4).toString('hex')}`;
const prefix = source.replace('-', '');
const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-acceptance-'));
const definitionsDir = join(dataDir, 'definitions');
cpSync('definitions', definitionsDir, { recursive: true });
const env = {
  ...odooEnvironment(odooAt),
  CROSSDOCK_DEFINITIONS: definitionsDir,
  ...(values.profile === 'cluster' && {
    CROSSDOCK_PROFILE: 'cluster',
    CROSSDOCK_PREFIX: prefix,
    AMQP_URL: rabbitmq.url,
    REDIS_URL: redis.url,
    DATABASE_URL: postgres.url,
  }),
};
const odoo = openOdoo({ ...odooAt, timeoutMs: 60_000 });
const log = (text: string): void => void process.stderr.write(`${text}\n`);
const started = Date.now();
const hub = await startHubProcess(env, dataDir);
const { found, differing } = await orderToCash({
  odoo,
  hub: { url: () => hub.url, dataDir, definitionsDir, env },
  source,
  orders,
  log,
  withinMs: Number(values['within-minutes']) * 60_000,
});
await hub.stop(true);
if (values.profile === 'cluster') await removeNames(rabbitmq.url, `${prefix}_`, flowQueues());
if (values.keep) writeFileSync(join(dataDir, 'hub.log'), hub.log());
if (values.keep) log(`${dataDir}: data; source ${source}`);
else rmSync(dataDir, { recursive: true, force: true });
for (const one of differing) log(one);
log(`${Math.round((Date.now() - started) / 1000)} s`);
const text = Object.entries(found).map(([what, count]) => `${what} ${count}`);
process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : `${text.join(', ')}\n`);
process.exit(found.differences > 0 ? 1 : 0);
