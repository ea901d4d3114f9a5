/** Each rule of the linter: what it finds, where it says that stands, and what it leaves alone. */
import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Environment } from '../runtime/environments/environment.ts';
import { lintFlows } from '../runtime/lint/lint.ts';
import type { Finding } from '../runtime/lint/rule.ts';
import { outputsOf, project } from './lint/project.ts';

const definitions = mkdtempSync(join(tmpdir(), 'crossdock-lint-rules-'));
cpSync('definitions', definitions, { recursive: true });
writeFileSync(join(definitions, 'mappings/broken.jsonata'), '{ "a": $sum( }');
writeFileSync(join(definitions, 'mappings/sorted.jsonata'), 'lines^(sku)');
const strict = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  additionalProperties: false,
};
writeFileSync(
  join(definitions, 'schemas/tiny.v1.json'),
  JSON.stringify({ ...strict, properties: { id: { type: 'string' } } }),
);

const shared = `nodes:
  hub broker:
    type: broker
  Odoo:
    type: odoo-connection
    url: \${ODOO_URL}
    database: \${ODOO_DATABASE}
    apiKey: \${ODOO_API_KEY}
  the store:
    type: store
`;
const head = 'flow: order-capture\nowner: desk\ntier: critical\n';
const consume = `  orders:
    type: event-consume
    broker: !node hub broker
    types:
      - order.received.v1
    to: next
`;

/** A flow of `orders` and what follows, `next` first. */
const flow = (nodes: string, header = head): string => {
  const names = [...nodes.matchAll(/^ {2}(\w[^:]*):$/gm)].map(([, name]) => name);
  return `${header}nodes:\n${nodes}layout:\n${names.map((name) => `  ${name}: [100, 100]\n`).join('')}`;
};
const lint = (text: string, environment: Partial<Environment> = {}): Finding[] =>
  lintFlows(
    new Map([
      ['connections.yaml', shared],
      ['a.yaml', text],
    ]),
    outputsOf,
    project(environment, definitions),
  );
const codes = (text: string, environment?: Partial<Environment>): string[] =>
  lint(text, environment).map(({ code, line, node }) => `${code} ${line} ${node}`);
const after2 = (next: string): string => flow(`${consume}  next:\n${next}`);

const writing = (name: string): string =>
  flow(
    `${consume}  next:\n    type: odoo-order\n    connection: !node Odoo\n`,
    head.replace('order-capture', name),
  );

const map = (settings: string): string =>
  after2(`    type: canonical-map\n${settings}    to: end\n  end:\n    type: debug\n`);
const fn = (code: string): string => after2(`    type: function\n    func: ${JSON.stringify(code)}\n`);
// Made here, so that nobody takes it for one that was lost.
const key = ['sk', 'live', 'a'.repeat(24)].join('_');

/** Title, flow, what is found; nothing for what is right. */
const cases: [string, string, string[]][] = [
  ['a flow that is right', writing('order-to-odoo'), []],
  ['a flow that writes what another owns', writing('other'), ['AUTHORITY_MISSING 11 next']],
  [
    'a call that writes what another owns',
    after2(
      '    type: odoo-call\n    connection: !node Odoo\n    model: account.move\n    method: action_post\n',
    ),
    ['AUTHORITY_MISSING 11 next'],
  ],
  [
    'a call that only reads',
    after2(
      '    type: odoo-call\n    connection: !node Odoo\n    model: account.move\n    method: search_read\n',
    ),
    [],
  ],
  [
    'a type nobody has',
    after2('    type: teleport\n'),
    ['SETTLEMENT_UNKNOWN 11 next', 'NODE_TYPE_UNKNOWN 12 next'],
  ],
  ["a type of Node-RED's own", after2('    type: change\n    rules: []\n'), []],
  [
    'a setting that does not exist',
    map('    file: shopify.order\n    shema: order.v1\n'),
    ['PROPERTY_UNKNOWN 14 next'],
  ],
  [
    'a setting out of its range',
    flow(`${consume}    concurrency: 5000\n  next:\n    type: debug\n`),
    ['SETTING_INVALID 11 orders'],
  ],
  [
    'a setting from the environment',
    flow(`${consume}    concurrency: \${ODOO_URL}\n  next:\n    type: debug\n`),
    [],
  ],
  [
    'a policy that does not exist',
    flow(`${consume}    policy: never\n  next:\n    type: debug\n`),
    ['SETTING_INVALID 11 orders'],
  ],
  [
    'a process that does not exist',
    after2('    type: business-process\n    broker: !node hub broker\n    process: never\n'),
    ['SETTING_INVALID 14 next'],
  ],
  [
    'a setting that has no effect beside another',
    after2('    type: invoice-post\n    connection: !node Odoo\n    operation: bill\n    withLines: true\n'),
    ['SETTING_UNUSED 15 next', 'AUTHORITY_MISSING 11 next', 'PAYLOAD_MISFIT 11 next'],
  ],
  ['a mapping that does not compile', map('    file: broken\n'), ['MAPPING_INVALID 13 next']],
  ['a mapping that is not there', map('    file: nowhere\n'), ['MAPPING_INVALID 13 next']],
  ['a mapping of neither file nor expression', map('    schema: order.v1\n'), ['MAPPING_INVALID 11 next']],
  ['an expression that does not compile', map('    expression: payload.(\n'), ['MAPPING_INVALID 13 next']],
  [
    'an expression with a misspelt function',
    map('    expression: $te(payload)\n'),
    ['MAPPING_INVALID 13 next'],
  ],
  [
    'a guard key with a variable it has not',
    after2('    type: idempotency-guard\n    store: !node Odoo\n    key: $event.id\n'),
    ['MAPPING_INVALID 14 next', 'OUTPUT_UNWIRED 11 next'],
  ],
  ['an expression with its variables', map('    expression: $event.id & $webhook.id\n'), []],
  ...[
    ['$flowContext("a") & $env("B") & $moment().toISOString()', 0],
    ['$text(payload.id)', 1],
    ['$evnt.id', 1],
    ['payload.(', 1],
  ].map(([expression, errors]): [string, string, string[]] => [
    `a change node with ${expression}`,
    after2(
      `    type: change\n    rules:\n      - t: set\n        p: payload\n        pt: msg\n        to: '${expression}'\n        tot: jsonata\n`,
    ),
    errors ? ['MAPPING_INVALID 13 next'] : [],
  ]),
  ...[
    ['property: $cuont(payload)\n    propertyType: jsonata', 13],
    [
      'property: payload\n    rules:\n      - t: jsonata_exp\n        v: $nubmer(payload) > 1\n        vt: jsonata',
      14,
    ],
    [
      'property: payload\n    rules:\n      - t: btwn\n        v2: $nubmer(payload)\n        v2t: jsonata',
      14,
    ],
  ].map(([settings, line]): [string, string, string[]] => [
    `a switch node with a misspelt function in ${settings}`,
    after2(`    type: switch\n    ${settings}\n`),
    [`MAPPING_INVALID ${line} next`],
  ]),
  [
    'a change node that adds up',
    after2(
      '    type: change\n    rules:\n      - t: set\n        p: payload\n        pt: msg\n        to: $sum(payload.price)\n        tot: jsonata\n',
    ),
    [],
  ],
  [
    'a change node that sorts, which is not compiled',
    after2(
      '    type: change\n    rules:\n      - t: set\n        p: payload\n        pt: msg\n        to: payload^(sku)\n        tot: jsonata\n',
    ),
    ['NOT_COMPILED 13 next'],
  ],
  ['a canonical map that sorts', map('    expression: lines^(sku)\n'), ['NOT_COMPILED 13 next']],
  [
    'the same with a schema',
    map('    expression: lines^(sku)\n    schema: tiny.v1\n'),
    ['NOT_COMPILED 13 next'],
  ],
  ['a mapping file that sorts', map('    file: sorted\n'), ['NOT_COMPILED 13 next']],
  [
    'a join node that reduces with a misspelt function',
    after2('    type: join\n    mode: reduce\n    reduceExp: $A + $nubmer($I)\n'),
    ['MAPPING_INVALID 14 next'],
  ],
  [
    'a schema that is not there',
    map('    expression: payload\n    schema: nothing.v1\n'),
    ['MAPPING_INVALID 14 next'],
  ],
  ['a name nobody gives', map('    file: ${MAP_FILE}\n'), ['NAME_MISSING 13 next']],
  [
    'a name the flow gives',
    flow(
      `${consume}  next:\n    type: http request\n    url: \${SHOP_URL}\n`,
      `${head}env:\n  - name: SHOP_URL\n    value: https://shop.example\n    type: str\n`,
    ),
    [],
  ],
  [
    'an event that is not in the catalogue',
    after2('    type: event-publish\n    broker: !node hub broker\n    event: order.lost.v1\n'),
    ['EVENT_UNKNOWN 14 next'],
  ],
  [
    'an event consumed that is not in the catalogue',
    flow(`${consume.replace('order.received', 'order.lost')}  next:\n    type: debug\n`),
    ['EVENT_UNKNOWN 8 orders'],
  ],
  [
    'an event of another flow',
    flow(
      `${consume}  next:\n    type: event-publish\n    broker: !node hub broker\n    event: order.received.v1\n`,
      head.replace('order-capture', 'other'),
    ),
    ['EVENT_NOT_OWNED 14 next'],
  ],
  [
    'a payload that cannot fit the event',
    flow(
      `${consume}  next:\n    type: canonical-map\n    expression: payload\n    schema: tiny.v1\n    to: out\n  out:\n    type: event-publish\n    broker: !node hub broker\n    event: order.received.v1\n`,
    ),
    ['PAYLOAD_MISFIT 16 out'],
  ],
  [
    'a payload that cannot fit Odoo',
    flow(
      `${consume.replace('order.received', 'shopify.order.created')}  next:\n    type: canonical-map\n    expression: payload\n    schema: tiny.v1\n    to: out\n  out:\n    type: odoo-order\n    connection: !node Odoo\n`,
      head.replace('order-capture', 'order-to-odoo'),
    ),
    ['PAYLOAD_MISFIT 16 out'],
  ],
  ['a key in a function', fn(`const key = "${key}"; return msg;`), ['SECRET_IN_FLOW 13 next']],
  [
    'a password in an address',
    after2('    type: http request\n    url: https://user:pass1234@shop.example/\n'),
    ['SECRET_IN_FLOW 13 next'],
  ],
  [
    'a token among headers',
    after2('    type: http request\n    headers:\n      - name: api-key\n        value: abcdefgh12345678\n'),
    ['SECRET_IN_FLOW 13 next'],
  ],
  [
    'a secret typed into a setting for one',
    flow(
      `  in:\n    type: webhook-in\n    path: /x\n    to: check\n  check:\n    type: webhook-verify\n    scheme: shopify\n    secrets: typed\n    to: end\n  end:\n    type: debug\n`,
    ),
    ['SECRET_IN_FLOW 12 check'],
  ],
  [
    'a map that leads nowhere',
    after2('    type: canonical-map\n    expression: payload\n'),
    ['OUTPUT_UNWIRED 11 next'],
  ],
  [
    'a guard of which only what was there already is wired',
    after2(
      '    type: idempotency-guard\n    store: !node the store\n    key: payload.id\n    to:\n      repeated: end\n  end:\n    type: debug\n',
    ),
    ['OUTPUT_UNWIRED 11 next'],
  ],
  [
    'a verify whose way is only a piece of wire',
    flow(
      `  in:\n    type: webhook-in\n    path: /x\n    to: check\n  check:\n    type: webhook-verify\n    secrets: \${SHOPIFY_WEBHOOK_SECRETS}\n    to: piece\n  piece:\n    type: link out\n    mode: link\n    links: []\n`,
    ),
    ['OUTPUT_UNWIRED 9 check'],
  ],
  [
    'a webhook, an event and a time behind which nothing stands',
    flow(
      `${consume.replace('    to: next\n', '')}  in:\n    type: webhook-in\n    path: /x\n  at:\n    type: schedule\n    pattern: 0 6 * * *\n`,
    ),
    ['OUTPUT_UNWIRED 5 orders', 'OUTPUT_UNWIRED 10 in', 'OUTPUT_UNWIRED 13 at'],
  ],
  [
    'a map that leads to a drop through a link',
    after2(
      '    type: canonical-map\n    expression: payload\n    to: out\n  out:\n    type: link out\n    mode: link\n    links:\n      - !node in\n  in:\n    type: link in\n    to: end\n  end:\n    type: drop\n    reason: no one needs it\n',
    ),
    [],
  ],
  [
    'a node nothing is wired to',
    flow(
      `${consume}  next:\n    type: debug\n  lost:\n    type: change\n    rules: []\n    to: behind\n  behind:\n    type: debug\n`,
    ),
    ['NODE_UNREACHABLE 13 lost'],
  ],
  [
    'a flow nobody owns',
    flow(`${consume}  next:\n    type: debug\n`, 'flow: order-capture\n'),
    ['OWNER_MISSING 1 a', 'TIER_MISSING 1 a'],
  ],
  [
    'a tier that does not exist',
    flow(`${consume}  next:\n    type: debug\n`, head.replace('critical', 'urgent')),
    ['TIER_UNKNOWN 1 a'],
  ],
  ['a flow that takes no messages', flow('  tick:\n    type: inject\n', 'flow: tools\n'), []],
  [
    'a command of the machine',
    after2('    type: exec\n    command: ls\n'),
    ['SETTLEMENT_UNKNOWN 11 next', 'NODE_UNSAFE 11 next'],
  ],
  [
    'code from outside',
    after2('    type: function\n    func: return msg;\n    libs:\n      - var: fs\n        module: fs\n'),
    ['NODE_UNSAFE 11 next'],
  ],
];

describe('rules of crossdock lint', () => {
  after(() => rmSync(definitions, { recursive: true }));

  for (const [title, text, expected] of cases)
    it(`${expected.length === 0 ? 'says nothing of' : 'finds'} ${title}`, () => {
      assert.deepEqual(codes(text), expected);
    });

  it('never shows the secret it found', () => {
    assert.doesNotMatch(JSON.stringify(lint(fn(`const key = "${key}";`))), new RegExp(key));
  });

  it('allows what the environment allows', () => {
    assert.deepEqual(codes(after2('    type: exec\n    command: ls\n'), { unsafe: ['exec'] }), [
      'SETTLEMENT_UNKNOWN 11 next',
    ]);
  });

  it('takes a missing owner for an error in production, a warning elsewhere', () => {
    const text = flow(`${consume}  next:\n    type: debug\n`, 'flow: order-capture\n');
    const severities = (environment: Partial<Environment>) =>
      lint(text, environment).map(({ severity }) => severity);
    assert.deepEqual(severities({}), ['warning', 'warning']);
    assert.deepEqual(severities({ production: true }), ['error', 'error']);
  });

  it('has every code in the docs, and no other', () => {
    const page = readFileSync('docs/analysts/lint.md', 'utf8');
    const documented = [...page.matchAll(/^\| `([A-Z_]+)`/gm)].map(([, code]) => code);
    const found = new Set(cases.flatMap(([, , expected]) => expected.map((one) => one.split(' ')[0])));
    const ofFlows = ['SETTLEMENT_UNTRACKED', 'SOURCE_UNBOUND'];
    const ofDefinitions = ['TEAM_MISSING', 'TOLERANCE_WIDE', 'OBJECTIVE_UNKNOWN', 'OBJECTIVE_UNMEASURED'];
    const ofOthers = [
      'ALERT_UNKNOWN',
      'GRANT_UNKNOWN',
      'SAMPLE_INVALID',
      'DUTIES_MEET',
      'ROLE_PLACE_UNKNOWN',
      'ROLE_UNKNOWN',
    ];
    // test/interfaces.test.ts has what each of them finds.
    const ofInterfaces = [
      'MISSING',
      'UNKNOWN',
      'UNAPPROVED',
      'RETIRED',
      'OWNER_UNKNOWN',
      'STATE_BACK',
      'APPROVER_MISSING',
      'SUNSET_MISSING',
      'UNTOLD',
    ].map((code) => `INTERFACE_${code}`);
    assert.deepEqual(
      new Set(documented),
      new Set([...found, ...ofFlows, ...ofDefinitions, ...ofOthers, ...ofInterfaces]),
    );
  });

  it('knows the environments of the project, which list every name its flows use', () => {
    for (const name of ['dev', 'test', 'prod']) {
      const { secrets } = parse(readFileSync(`definitions/environments/${name}.yaml`, 'utf8')) as Environment;
      for (const one of ['ODOO_API_KEY', 'SHOPIFY_WEBHOOK_SECRETS'])
        assert.ok(secrets?.includes(one), `${name} ${one}`);
    }
  });

  it('whose documents name a source is bound to the secret that signed them', () => {
    const hook = (settings: string, event: string, between = '') => `  orders:
    type: webhook-in
    path: /orders
    to: next
  next:
    type: webhook-verify
    secrets: \${PARTNER_WEBHOOK_SECRETS}
${settings}    to:
      verified: once
  once:
    type: idempotency-guard
    store: !node the store
    to:
      new: ${between ? 'mapped' : 'stage'}
${between}  stage:
    type: event-publish
    broker: !node hub broker
    event: ${event}
`;
    const found = (text: string) =>
      codes(flow(text, 'flow: direct-intake\nowner: desk\ntier: critical\n')).filter((one) =>
        one.startsWith('SOURCE_UNBOUND'),
      );
    assert.deepEqual(found(hook('', 'partner.order.created.v1')), ['SOURCE_UNBOUND 9 next']);
    assert.deepEqual(found(hook('    says: orders\n', 'partner.order.created.v1')), []);
    assert.deepEqual(found(hook('', 'stripe.money.moved.v1')), []);
    const mapped = `  mapped:
    type: canonical-map
    file: shopify.order
    schema: order.v1
    to: stage
`;
    assert.deepEqual(found(hook('', 'partner.order.created.v1', mapped)), []);
  });
});
