import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { madeDocs } from '../cli/docs.ts';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');

describe('what is made', () => {
  it('is what the definitions and the error table say (else run `crossdock docs`)', async () => {
    for (const [path, text] of await madeDocs(root)) {
      assert.equal(await readFile(join(root, path), 'utf8'), text, `${path} has drifted`);
    }
  });
});

describe('the events as AsyncAPI', () => {
  it('has a channel for each event, whose message carries the schema of its data', async () => {
    const { channels, components } = JSON.parse(await readFile(join(root, 'docs/asyncapi.json'), 'utf8')) as {
      channels: Record<string, { address: string; messages: { event: { $ref: string } } }>;
      components: { messages: Record<string, { payload: { schema: { $id: string } } }> };
    };
    const events = (await readdir(join(root, 'definitions/events'))).map((name) => name.replace('.yaml', ''));
    assert.deepEqual(Object.keys(channels), events.toSorted());
    for (const [type, { messages }] of Object.entries(channels)) {
      assert.equal(messages.event.$ref, `#/components/messages/${type}`);
      assert.match(components.messages[type]!.payload.schema.$id, /^urn:crossdock:schema:/);
    }
  });
});

describe('the schema of flow files for editors', () => {
  let check: (flow: unknown) => string[];
  before(async () => {
    const file = join(root, 'definitions/flow-file.editor.schema.json');
    const schema = JSON.parse(await readFile(file, 'utf8')) as object;
    const validate = new Ajv2020({ strict: false, allErrors: true }).compile(schema);
    check = (flow) => (validate(flow) ? [] : (validate.errors ?? []).map(({ instancePath }) => instancePath));
  });
  const flow = (node: object) => ({ flow: 'a', nodes: { x: node } });

  it('takes the flows of the project', async () => {
    for (const [path, text] of await readFiles(join(root, 'flows')))
      assert.deepEqual(check(parse(text, { logLevel: 'silent' })), [], path);
  });

  it('knows the settings of the nodes, and takes the environment for any of them', () => {
    assert.deepEqual(check(flow({ type: 'webhook-verify', scheme: 'shopify' })), []);
    assert.deepEqual(check(flow({ type: 'webhook-verify', scheme: '${SCHEME}', windowSeconds: '${S}' })), []);
    assert.deepEqual(check(flow({ type: 'some-other', scheme: 'odd', to: { odd: 'x' } })), []);
    assert.ok(check(flow({ type: 'webhook-verify', scheme: 'odd' })).includes('/nodes/x/scheme'));
    assert.ok(
      check(flow({ type: 'webhook-verify', windowSeconds: true })).includes('/nodes/x/windowSeconds'),
    );
    assert.ok(check(flow({ type: 'webhook-verify', to: { odd: 'x' } })).includes('/nodes/x/to'));
    assert.ok(check(flow({})).includes('/nodes/x'));
  });
});
