/** The table of names is asked of the real Odoo, and so is every name of a shipped flow, in the words of that Odoo. */
import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { openOdoo, type Odoo } from '../runtime/odoo/client.ts';
import type { CallArgs } from '../runtime/odoo/protocol/protocol.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { majors, type Major } from '../runtime/odoo/versions/names.ts';
import { entries, versionsOf, words } from '../runtime/odoo/versions/table.ts';
import { inVocabulary } from '../runtime/odoo/vocabulary.ts';
import { namesInFlow } from './odoo-names-scan.ts';
import { describeReal } from './real.ts';

/** Of an app that the stack does not install. */
const absent = new Set(['delivery.carrier']);

describeReal(['odoo'], 'the names of the table in the real Odoo', function ({ odoo: site }) {
  this.timeout(120_000);
  const odoo = openOdoo({ ...site, timeoutMs: 60_000 });
  const known = new Map<string, Promise<Set<string> | undefined>>();
  const flows = globSync('flows/*.yaml').filter((file) => !file.endsWith('.test.yaml'));

  /** All fields of a model; undefined where this Odoo has no such model. */
  function fieldsOf(model: string): Promise<Set<string> | undefined> {
    const asked = known.get(model) ?? readFields(model);
    known.set(model, asked);
    return asked;
  }
  async function readFields(model: string): Promise<Set<string> | undefined> {
    try {
      return new Set(Object.keys(await odoo.call<object>(model, 'fields_get', { attributes: ['type'] })));
    } catch (error) {
      if (error instanceof CodedError && error.code === 'ODOO_NOT_FOUND') return undefined;
      throw error;
    }
  }

  it('it has what the table says of its version, and what the table denies it has not', async () => {
    const major = (await odoo.version()) as Major;
    assert.ok(majors.includes(major), `${major}`);
    const differing: string[] = [];
    let seen = 0;
    for (const { model, part } of entries().filter(({ model: one }) => !absent.has(one))) {
      const has = await fieldsOf(model);
      const some = Object.keys(part.only ?? {}).filter((name) => !name.endsWith('()'));
      for (const name of [...words(part.fields), ...some]) {
        seen += 1;
        const should = versionsOf(model, name)!.includes(major);
        if (should !== (has?.has(name) ?? false))
          differing.push(`${model} ${name}: ${should ? 'no' : 'there'}`);
      }
    }
    assert.ok(seen > 300, `${seen} fields`);
    assert.deepEqual(differing, []);
  });

  it('every field of a shipped flow is there, in its own words', async () => {
    const dialect = await odoo.dialect();
    const missing: string[] = [];
    let seen = 0;
    for (const { at, model = '', name } of flows.flatMap((file) => namesInFlow(file))) {
      if (absent.has(model) || name?.endsWith('()')) continue;
      for (const [own, field] of await inWords(name)) {
        seen += 1;
        const has = await fieldsOf(own);
        if (!has || (field !== undefined && !has.has(field))) missing.push(`${at}: ${own} ${field ?? ''}`);
      }

      /** What goes to Odoo for a name that is read and asked for: models with their fields. */
      async function inWords(of: string | undefined): Promise<[string, string?][]> {
        const sent: [string, string?][] = [[model]];
        const listening = {
          dialect: async () => dialect,
          call: async (asked: string, _method: string, { fields, domain }: CallArgs) => {
            const terms = (domain as unknown[]).flatMap((term) =>
              Array.isArray(term) ? [String(term[0])] : [],
            );
            for (const one of [...(fields as string[]), ...terms]) sent.push([asked, one.split('.')[0]]);
            return [];
          },
        } as unknown as Odoo;
        const args = of === undefined ? { fields: [], domain: [] } : { fields: [of], domain: [[of, '=', 1]] };
        await inVocabulary(listening).call(model, 'search_read', args);
        return sent;
      }
    }
    assert.ok(seen > 100, `${seen} fields`);
    assert.deepEqual(missing, []);
  });

  it('every method that a shipped flow calls is there', async () => {
    const called = new Set(
      flows
        .flatMap((file) => namesInFlow(file))
        .flatMap(({ model, name }) => (name?.endsWith('()') ? [`${model} ${name.slice(0, -2)}`] : [])),
    );
    assert.ok(called.size > 5, `${called.size} methods`);
    const missing: string[] = [];
    for (const one of [...called, 'res.partner no_such_method']) {
      const [model, method] = one.split(' ') as [string, string];
      // Of no record: whatever it does, it does to nothing.
      const none = method === 'search_read' ? { domain: [['id', '=', 0]], fields: ['id'] } : { ids: [] };
      const failed = await inVocabulary(odoo)
        .call(model, method, none)
        .then(() => undefined)
        .catch((error: CodedError) => error);
      if (failed?.code === 'ODOO_NOT_FOUND') missing.push(one);
    }
    assert.deepEqual(missing, ['res.partner no_such_method']);
  });
});
