/** Each expression in a flow gives the same on both engines, for what the tests of that flow are given; and is compiled. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readYaml } from '../runtime/definitions/read-yaml.ts';
import type { FlowNode } from '../runtime/flow-file/format.ts';
import { readFlowFiles } from '../runtime/flow-file/read.ts';
import { expressionsOf } from '../runtime/lint/expressions.ts';
import { mappingFunctions } from '../runtime/map/functions.ts';
import { loadPartners } from '../runtime/partners/partners.ts';
import { ownSchema } from '../runtime/schema/schema.ts';
import { loadValueMaps } from '../runtime/values/value-maps.ts';
import { onBoth } from './jsonata/engines.ts';
import { outputsOf, types } from './lint/project.ts';

interface Given {
  data?: unknown;
  body?: unknown;
  payload?: unknown;
}

const folder = 'flows';
const bindings = {
  ...mappingFunctions(loadValueMaps('definitions/values'), loadPartners('definitions/partners')),
  event: {
    id: 'e-1',
    source: 'shopify',
    subject: '1001',
    time: '2026-11-02T14:00:00Z',
    type: 'order.received.v1',
  },
  webhook: { topic: 'orders/create' },
  env: () => 'a setting',
  flowContext: () => 1,
  globalContext: () => undefined,
};

/** Of the palette: what the setting's schema calls JSONata. */
function ownExpressions(node: FlowNode): string[] {
  const { properties = {} } = types.paletteType(node.type)?.config ?? {};
  return Object.entries(properties)
    .filter(([, schema]) => (schema as { format?: string }).format === 'jsonata')
    .map(([property]) => node[property])
    .filter((text): text is string => typeof text === 'string' && text !== '');
}

/** What messages of this flow's tests hold. */
function givenTo(path: string): unknown[] {
  const { tests } = readYaml<{ tests: { given: Given | Given[] }[] }>(
    join(folder, path.replace('.yaml', '.test.yaml')),
    ownSchema({}),
  );
  return tests
    .flatMap(({ given }) => [given].flat())
    .map(({ data, body, payload }) => data ?? body ?? payload);
}

describe('the expressions of the flows, compiled and interpreted', () => {
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml') && !name.endsWith('.test.yaml'));
  const texts = new Map(files.map((name) => [name, readFileSync(join(folder, name), 'utf8')]));
  let count = 0;

  for (const { path, nodes } of readFlowFiles(texts, outputsOf).filter(
    ({ path }) => path !== 'connections.yaml',
  ))
    it(path, async () => {
      const given = givenTo(path);
      const all = nodes.flatMap((node) => [
        ...ownExpressions(node).map((text) => ({ text, inputOf: (data: unknown) => data })),
        ...expressionsOf(node).map(({ text }) => ({
          text,
          inputOf: (payload: unknown): unknown => ({ payload, event: bindings.event }),
        })),
      ]);
      for (const { text, inputOf } of all) {
        const run = onBoth(text);
        for (const data of given) {
          const { compiled, interpreted, notCompiled } = await run(inputOf(data), bindings);
          assert.equal(notCompiled, undefined, text);
          assert.equal(compiled.told, interpreted.told, text);
          count++;
        }
      }
    });

  it('are many', () => assert.ok(count > 400, `${count} runs`));
});
