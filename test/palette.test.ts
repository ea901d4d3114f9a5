import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { Type } from 'typebox';
import { Value } from 'typebox/value';
import type { NodeDefinition } from '../runtime/node-red/define-node.ts';
import { defaultsOf, fieldsOf, type Field } from '../runtime/node-red/form.ts';
import { applies } from '../runtime/schema/applies.ts';
import { buildPalette, paletteModule, readDefinitions } from '../runtime/node-red/palette.ts';

interface Registered {
  defaults: Record<
    string,
    { value: unknown; type?: string; validate?: (value: unknown, options: object) => unknown }
  >;
  outputs?: number;
  category: string;
}

for (const nodesDir of ['nodes', 'test/server/nodes'])
  describe(`palette of ${nodesDir}`, () => {
    let userDir: string;
    let definitions: NodeDefinition[];
    before(async () => {
      userDir = await mkdtemp(join(tmpdir(), 'palette-'));
      definitions = await buildPalette({ nodesDir, userDir });
    });
    after(() => rm(userDir, { recursive: true, force: true }));
    const made = (name: string): Promise<string> =>
      readFile(join(userDir, 'node_modules', paletteModule, name), 'utf8');

    /** Runs the client and the page of a node as the editor does; gives what it registers. */
    async function register(type: string): Promise<Registered> {
      const scripts = /<script(?: type="text\/javascript")?>([\s\S]*?)<\/script>/g;
      const code = [await made('crossdock-form.html'), await made(`${type}.html`)]
        .flatMap((html) => [...html.matchAll(scripts)].map(([, script]) => script))
        .join('\n');
      let registered: Registered | undefined;
      const window = {};
      const registerType = (name: string, entry: Registered): void => {
        assert.equal(name, type);
        registered = entry;
      };
      const RED = { _: (key: string) => key, nodes: { registerType } };
      runInNewContext(`${code.replace('crossdock.register', 'window.crossdock.register')}`, {
        window,
        RED,
        URL,
      });
      assert.ok(registered);
      return registered;
    }

    it('lists every folder of nodes/, and serves no source', async () => {
      assert.ok(definitions.length > 0);
      const pkg = JSON.parse(await made('package.json')) as { 'node-red': { nodes: Record<string, string> } };
      assert.deepEqual(
        Object.keys(pkg['node-red'].nodes),
        definitions.map(({ type }) => type),
      );
      for (const file of Object.values(pkg['node-red'].nodes)) {
        assert.match(await made(file), /^export \{ default \} from "file:\/\/[^"]+";\n$/);
      }
    });

    it('makes form, help and defaults of each node from its one schema', async () => {
      for (const definition of await readDefinitions(nodesDir)) {
        const { type } = definition;
        const html = await made(`${type}.html`);
        const help = await made(`locales/en-US/${type}.html`);
        const entry = await register(type);
        const prefix = definition.kind === 'config' ? 'node-config-input' : 'node-input';
        const values = Object.fromEntries(
          Object.entries(entry.defaults).map(([name, { value }]) => [name, value]),
        );
        assert.deepEqual(structuredClone(values), defaultsOf(definition), type);
        assert.equal(
          entry.category,
          definition.kind === 'config' ? 'config' : `crossdock_${definition.use ?? 'map'}`,
        );
        for (const [name, schema] of Object.entries(definition.config.properties)) {
          const { title, description, default: initial } = schema as Record<string, unknown>;
          assert.ok(title && description, `${type}.${name} has no title or description`);
          assert.match(
            html,
            new RegExp(`id="(crossdock-)?${prefix}-${name}"`),
            `${type}.${name} is not in the form`,
          );
          assert.ok(help.includes(`(\`${name}\`)`), `${type}.${name} is not in the help`);
          if (initial !== undefined)
            assert.deepEqual(structuredClone(values[name]), initial, `${type}.${name}`);
        }
        assert.ok(help.includes(definition.summary));
      }
    });

    it('hides in the browser what the linter says has no effect', async () => {
      type Matters = (
        model: { fields: Field[] },
        field: Field,
        valueOf: (field: Field) => unknown,
      ) => boolean;
      const window: { crossdock?: { matters: Matters } } = {};
      const [, code] = /<script>([\s\S]*?)<\/script>/.exec(await made('crossdock-form.html')) ?? [];
      runInNewContext(String(code), { window, RED: {}, URL });
      const text = { title: 't', description: 'd' };
      const config = Type.Object({
        scheme: Type.Union([Type.Literal('hmac'), Type.Literal('plain')], { ...text, default: 'hmac' }),
        once: Type.Boolean({ ...text, default: true }),
        header: Type.String({ ...text, default: '', when: { scheme: ['hmac'] } }),
        key: Type.String({ ...text, default: '', when: { once: [true] } }),
        prefix: Type.String({ ...text, default: '', when: { header: 'given' } }),
        other: Type.String({ ...text, default: '', when: { header: 'missing' } }),
      });
      const fields = fieldsOf({ type: 'x', config, outputs: [] } as unknown as NodeDefinition);
      const shown = (settings: Record<string, unknown>): string[] => {
        const names = fields
          .filter((field) => window.crossdock?.matters({ fields }, field, ({ name }) => settings[name] ?? ''))
          .map(({ name }) => name);
        assert.deepEqual(
          names,
          fields
            .map(({ name }) => name)
            .filter((name) =>
              applies(config.properties as object as Parameters<typeof applies>[0], name, settings),
            ),
        );
        return names.slice(2);
      };
      assert.deepEqual(shown({}), ['header', 'key', 'other']);
      assert.deepEqual(shown({ header: 'x' }), ['header', 'key', 'prefix']);
      // What does not matter itself gives no reason for another.
      assert.deepEqual(shown({ scheme: 'plain', header: 'x', once: false }), ['other']);
      assert.deepEqual(shown({ scheme: '${SCHEME}' }), ['header', 'key', 'other']);
    });

    it('validates in the browser as the schema does', async () => {
      const window: { crossdock?: { problem(field: Field, value: unknown): unknown } } = {};
      const [, code] = /<script>([\s\S]*?)<\/script>/.exec(await made('crossdock-form.html')) ?? [];
      runInNewContext(String(code), { window, RED: {}, URL });
      const text = { title: 't', description: 'd' };
      const config = Type.Object({
        port: Type.Integer({ ...text, minimum: 1, maximum: 10 }),
        ratio: Type.Optional(Type.Number({ ...text, minimum: 0.5 })),
        code: Type.String({ ...text, pattern: '^[a-z]+$', minLength: 2, maxLength: 4 }),
        mode: Type.Union([Type.Literal('a'), Type.Literal('b')], text),
        says: Type.Union([Type.Literal(''), Type.Literal('a')], { ...text, default: '' }),
        list: Type.Array(Type.String({ minLength: 2 }), { ...text, minItems: 1, maxItems: 2 }),
      });
      const tried: Record<keyof typeof config.properties, unknown[]> = {
        port: [0, 1, 10, 11, 1.5, 'x'],
        ratio: [0.4, 0.5, 'x'],
        code: ['a', 'ab', 'abcd', 'abcde', 'AB'],
        mode: ['a', 'c'],
        says: ['', 'a', 'c'],
        list: [[], ['ab'], ['a'], ['ab', 'cd', 'ef']],
      };
      for (const field of fieldsOf({ type: 'x', config, outputs: [] } as unknown as NodeDefinition)) {
        const name = field.name as keyof typeof tried;
        for (const value of tried[name]) {
          const fits = Value.Check(config.properties[name], value);
          assert.equal(
            window.crossdock?.problem(field, value) === undefined,
            fits,
            `${name} ${JSON.stringify(value)}`,
          );
        }
      }
      const [secret] = fieldsOf({
        type: 'x',
        config: Type.Object({ key: Type.String({ ...text, secret: true }) }),
        outputs: [],
      } as unknown as NodeDefinition);
      assert.ok(secret && window.crossdock?.problem(secret, 'hunter2'));
      assert.equal(window.crossdock?.problem(secret, '${KEY}'), undefined);
    });
  });
