/** `npm run acceptance -- order-to-cash | field | reconciliation`: the business on a real Odoo; ends with 1 on a difference. */
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { inVocabulary } from '../../runtime/odoo/vocabulary.ts';
import { testUser } from '../odoo-user.ts';
import { odooEnvironment, startHubProcess } from '../e2e/hub-process.ts';
import { flowQueues, removeNames } from '../rabbit-names.ts';
import { odooBeside, real } from '../real.ts';
import { fieldRun } from './field/run.ts';
import { orderToCash } from './order-to-cash.ts';
import { reconciliation } from './reconciliation.ts';

const usage = `npm run acceptance -- order-to-cash [--orders N] | reconciliation [--orders N] | field [--only 'partner: kind' --kinds DIR]
  all: [--profile cluster|embedded --odoo N --within-minutes N --keep --json]`;

const { values, positionals } = parseArgs({
  options: {
    orders: { type: 'string' },
    only: { type: 'string' },
    kinds: { type: 'string' },
    odoo: { type: 'string' },
    profile: { type: 'string', default: 'cluster' },
    json: { type: 'boolean', default: false },
    'within-minutes': { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
  allowPositionals: true,
});
const [what = ''] = positionals;
const orders = Number(values.orders ?? (what === 'reconciliation' ? 1000 : 100));
if (
  !/^(order-to-cash|field|reconciliation)$/.test(what) ||
  !(orders >= 1) ||
  !/^(cluster|embedded)$/.test(values.profile)
) {
  process.stderr.write(`${usage}\n`);
  process.exit(2);
}
const isCluster = values.profile === 'cluster';
const [odooAt, rabbitmq, redis, postgres] = [
  values.odoo === undefined ? real('odoo') : await odooBeside(values.odoo),
  real('rabbitmq'),
  real('redis'),
  real('postgres'),
];
if (!odooAt || (isCluster && !(rabbitmq && redis && postgres))) {
  process.stderr.write('The services do not run: test/stack up [--odoo N]\n');
  process.exit(2);
}
const source = `acc-${randomBytes(4).toString('hex')}`;
const prefix = source.replace('-', '');
const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-acceptance-'));
const definitionsDir = join(dataDir, 'definitions');
/** The hub works with the rights of `crossdock odoo user` and no other; the articles are an administrator's. */
const user = testUser(odooAt);
const env = {
  ...odooEnvironment({ ...odooAt, ...(await user.access()) }),
  CROSSDOCK_DEFINITIONS: definitionsDir,
  ...(isCluster && {
    CROSSDOCK_PROFILE: 'cluster',
    CROSSDOCK_PREFIX: prefix,
    AMQP_URL: rabbitmq!.url,
    REDIS_URL: redis!.url,
    DATABASE_URL: postgres!.url,
  }),
};
const odoo = inVocabulary(openOdoo({ ...odooAt, timeoutMs: 60_000 }));
const log = (text: string): void => void process.stderr.write(`${text}\n`);
const withinMs = Number(values['within-minutes'] ?? { field: 5, reconciliation: 40 }[what] ?? 15) * 60_000;
const started = Date.now();

async function wholeWay(of: typeof orderToCash | typeof reconciliation): Promise<Record<string, number>> {
  cpSync('definitions', definitionsDir, { recursive: true });
  const hub = await startHubProcess(env, dataDir);
  const at = { url: () => hub.url, dataDir, definitionsDir, env };
  const { found, differing } = await of({ odoo, hub: at, source, orders, log, withinMs });
  await hub.stop(true);
  if (values.keep) writeFileSync(join(dataDir, 'hub.log'), hub.log());
  for (const one of differing) log(one);
  return { ...found };
}

const found: Record<string, number> =
  what === 'field'
    ? {
        ...(await fieldRun({
          odoo,
          env,
          dataDir,
          log,
          withinMs,
          ...(values.kinds && { dir: values.kinds }),
          ...(values.only && { only: new RegExp(values.only) }),
        })),
      }
    : await wholeWay(what === 'reconciliation' ? reconciliation : orderToCash);
await user.close();
if (isCluster) await removeNames(rabbitmq!.url, `${prefix}_`, flowQueues());
if (values.keep) log(`${dataDir}: data; source ${source}`);
else rmSync(dataDir, { recursive: true, force: true });
log(`${Math.round((Date.now() - started) / 1000)} s`);
const text = Object.entries(found).map(([name, count]) => `${name} ${count}`);
process.stdout.write(values.json ? `${JSON.stringify(found)}\n` : `${text.join(', ')}\n`);
process.exit((found['differences'] ?? found['wrong'] ?? 0) > 0 ? 1 : 0);
