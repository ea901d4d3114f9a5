/** The linter's view of this project, for tests. */
import type { Environment } from '../../runtime/environments/environment.ts';
import { openProject, type Project } from '../../runtime/lint/project.ts';
import { palette } from '../../runtime/app/project.ts';

export const { outputsOf, types } = await palette();

export function project(environment: Partial<Environment> = {}, definitions = 'definitions'): Project {
  const given = { environment: 'dev', summary: 'For tests.', ...environment };
  const env = { ODOO_URL: 'x', ODOO_DATABASE: 'x', ODOO_API_KEY: 'x', ODOO_LOGIN: 'x' };
  const names = [
    'SHOPIFY_WEBHOOK_SECRETS',
    'WOOCOMMERCE_WEBHOOK_SECRETS',
    'PARTNER_WEBHOOK_SECRETS',
    'WAREHOUSE_WEBHOOK_SECRETS',
    'PAYMENT_WEBHOOK_SECRETS',
    'STRIPE_WEBHOOK_SECRETS',
    'SUPPLIER_WEBHOOK_SECRETS',
    'EDI_WEBHOOK_SECRETS',
    'EDI_GATEWAY_URL',
    'EDI_GATEWAY_KEY',
    'SHOPIFY_ADMIN_URL',
    'SHOPIFY_ADMIN_TOKEN',
    'AMAZON_WEBHOOK_SECRETS',
    'AMAZON_API_URL',
    'AMAZON_API_CREDENTIALS',
    'AMAZON_TOKEN_URL',
    'EASYPOST_WEBHOOK_SECRETS',
    'FINANCE_API_URL',
    'FINANCE_API_TOKEN',
    'CRM_API_URL',
    'CRM_API_TOKEN',
    'TAX_API_URL',
    'TAX_API_ACCOUNT',
  ];
  return openProject(definitions, types, env, { secrets: names, ...given });
}
