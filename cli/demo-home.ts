/** Where the demo lives: flows, definitions, secrets and a login of its own, kept until `--fresh`. */
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { openUsers } from '../runtime/node-red/users.ts';
import { root } from '../runtime/app/project.ts';
import type { Secrets } from './samples.ts';

export interface Home {
  dataDir: string;
  flowsDir: string;
  definitionsDir: string;
  /** Password of `admin`. */
  password: string;
  secrets: Secrets;
  /** Whether the password was there before. */
  kept: boolean;
}

/** Makes the home of the demo, with copies of flows and definitions: nothing done in its editor touches the project's own. */
export async function openHome(fresh: boolean): Promise<Home> {
  const dataDir = resolve('.crossdock', 'demo');
  if (fresh) rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = join(dataDir, 'secrets.env');
  const kept = existsSync(file);
  for (const folder of ['flows', 'definitions'])
    if (!existsSync(join(dataDir, folder)))
      cpSync(join(root, folder), join(dataDir, folder), { recursive: true });
  if (!kept) writeFileSync(file, newSecrets(), { mode: 0o600 });
  const known = parseEnv(readFileSync(file, 'utf8'));
  const password = known['ADMIN_PASSWORD']!;
  if (!existsSync(join(dataDir, 'users.json')))
    await (await openUsers(dataDir, () => {})).set('admin', password, 'admin');
  return {
    dataDir,
    flowsDir: join(dataDir, 'flows'),
    definitionsDir: join(dataDir, 'definitions'),
    password,
    secrets: {
      shopify: known['SHOPIFY_WEBHOOK_SECRETS']!,
      woocommerce: known['WOOCOMMERCE_WEBHOOK_SECRETS']!,
      partner: known['PARTNER_WEBHOOK_SECRETS']!,
    },
    kept,
  };
}

const secret = (): string => randomBytes(24).toString('base64');

function newSecrets(): string {
  const made = {
    ADMIN_PASSWORD: randomBytes(12).toString('base64url'),
    SHOPIFY_WEBHOOK_SECRETS: secret(),
    WOOCOMMERCE_WEBHOOK_SECRETS: secret(),
    PARTNER_WEBHOOK_SECRETS: `whsec_${secret()}`,
  };
  return Object.entries(made)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

/** Nobody in the demo is called. */
const nobody = 'http://127.0.0.1:65530';

/** The environment of the demo's flows, without names that are set already. */
export function environmentOf({ shopify, woocommerce, partner }: Secrets): Record<string, string> {
  return {
    SHOPIFY_WEBHOOK_SECRETS: shopify,
    WOOCOMMERCE_WEBHOOK_SECRETS: woocommerce,
    PARTNER_WEBHOOK_SECRETS: partner,
    WAREHOUSE_WEBHOOK_SECRETS: partner,
    PAYMENT_WEBHOOK_SECRETS: partner,
    STRIPE_WEBHOOK_SECRETS: partner,
    SUPPLIER_WEBHOOK_SECRETS: partner,
    EDI_WEBHOOK_SECRETS: partner,
    EDI_GATEWAY_URL: nobody,
    EDI_GATEWAY_KEY: secret(),
    SHOPIFY_ADMIN_URL: nobody,
    SHOPIFY_ADMIN_TOKEN: secret(),
    AMAZON_WEBHOOK_SECRETS: secret(),
    AMAZON_API_URL: nobody,
    AMAZON_API_CREDENTIALS: `me:${secret()}`,
    AMAZON_TOKEN_URL: nobody,
    EASYPOST_WEBHOOK_SECRETS: secret(),
    FINANCE_API_URL: nobody,
    FINANCE_API_TOKEN: secret(),
    CRM_API_URL: nobody,
    CRM_API_TOKEN: secret(),
    TAX_API_URL: nobody,
    TAX_API_ACCOUNT: secret(),
  };
}
