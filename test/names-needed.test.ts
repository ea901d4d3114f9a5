import assert from 'node:assert/strict';
import { join, resolve } from 'node:path';
import { readFiles } from '../runtime/flow-file/disk.ts';
import type { FlowFiles, FlowNode } from '../runtime/flow-file/format.ts';
import { inUse } from '../runtime/flow-file/in-use.ts';
import { parseFlows } from '../runtime/flow-file/read.ts';
import { namesNeeded } from '../runtime/lint/names.ts';
import { outputsOf } from './lint/project.ts';

describe('the names that a release asks an environment for', () => {
  const root = resolve(import.meta.dirname, '..');
  const lakeside = { partner: 'lakeside', variable: 'LAKESIDE_SECRETS', sends: ['orders'] as const };
  const partners = { direct: [lakeside] };
  let all: FlowFiles;
  before(async () => {
    all = await readFiles(join(root, 'flows'));
  });

  const names = (files: Iterable<[string, string]>): string[] =>
    namesNeeded(parseFlows(new Map(files), outputsOf), { partners });
  const only = (...flows: string[]): [string, string][] =>
    [...all].filter(([path]) => [...flows, 'connections'].includes(path.replace('.yaml', '')));
  const odoo = ['ODOO_API_KEY', 'ODOO_DATABASE', 'ODOO_LOGIN', 'ODOO_URL'];

  it('are those of the flows that are there: no connection that none of them uses, no partner that sends to none', () => {
    assert.deepEqual(names(only('shopify-intake', 'order-to-odoo')), [...odoo, 'SHOPIFY_WEBHOOK_SECRETS']);
    assert.deepEqual(names(only('direct-intake', 'order-to-odoo')), [
      'LAKESIDE_SECRETS',
      ...odoo,
      'PARTNER_WEBHOOK_SECRETS',
    ]);
    assert.ok(names(all).length > 20);
  });

  it('are not those of a flow that is switched off', () => {
    const off = only('shopify-intake', 'order-to-odoo', 'amazon-intake').map(
      ([path, text]): [string, string] => [
        path,
        path === 'amazon-intake.yaml' ? text.replace(/^nodes:/m, 'disabled: true\nnodes:') : text,
      ],
    );
    assert.deepEqual(names(off), [...odoo, 'SHOPIFY_WEBHOOK_SECRETS']);
  });
});

describe('what runs of a set of flows', () => {
  const node = (id: string, more: object): FlowNode => ({ id, type: 'x', ...more });
  const ids = (...nodes: FlowNode[]): string[] => inUse(nodes).map(({ id }) => id);

  it('are shared nodes that a running one refers to, also by way of another, and wherever it does', () => {
    const flow = [
      node('t', { type: 'tab' }),
      node('a', { z: 't', wires: [], list: [{ connection: 'one' }] }),
    ];
    const shared = [node('one', { uses: 'two' }), node('two', {}), node('three', {})];
    assert.deepEqual(ids(...flow, ...shared), ['t', 'a', 'one', 'two']);
    assert.deepEqual(ids(node('t', { type: 'tab', disabled: true }), flow[1]!, ...shared), []);
    assert.deepEqual(ids(flow[0]!, node('a', { ...flow[1]!, d: true }), ...shared), ['t']);
  });
});
