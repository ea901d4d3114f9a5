/** What leaves the house for a draft: fields of a table, and nothing of people, however it was written. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Material } from '../runtime/triage/material.ts';
import { subjectOf } from '../runtime/triage/subject.ts';
import { wordsOnly } from '../runtime/triage/words.ts';
import { letterOf, unmapped } from './conformance/issues.ts';
import { step, untold } from './conformance/rows.ts';
import { claim, says, type Model } from './triage-model.ts';
import { draftPlace, everyWay, named, orders, parts, people, squeezed } from './triage-place.ts';

describe('what leaves the house for a draft', () => {
  const place = draftPlace();
  const { drafterWith, seed, issuesNow, asking, draft, sent } = place;

  it('is the fields of the table, with names of its own for partner, order and article', async () => {
    await seed({ facts: { map: 'tax', value: 'GST 7%', sku: 'CHAIR-1' } });
    place.model.answer = says({ claims: [claim('O1 of P1 (S1) fails at the map.', 'T2')] });
    const { claims, dropped, digest } = await draft();
    const [{ method, path, headers, body }] = place.model.received as [Model['received'][number]];
    assert.deepEqual([method, path, headers.authorization], ['POST', '/v1/chat/completions', 'Bearer k-1']);
    const call = JSON.parse(body) as { model: string; messages: { content: string }[] };
    assert.deepEqual(Object.keys(call), [
      'model',
      'messages',
      'temperature',
      'max_tokens',
      'stream',
      'response_format',
    ]);
    const { content } = call.messages[1]!;
    const [, fence, data] = /^Write in English\.\n<(DATA-[0-9a-f]{24})>\n(.*)\n<\/DATA-[0-9a-f]{24}>$/s.exec(
      content,
    )!;
    assert.ok(content.endsWith(`</${fence}>`));
    const material = JSON.parse(data!) as Material;
    assert.deepEqual(
      [material.cases[0]?.order, material.cases[0]?.partner, material.cases[0]?.sku],
      ['O1', 'P1', 'S1'],
    );
    assert.deepEqual(
      material.steps.map(({ id, node, kind, outcome }) => [id, node, kind, outcome]),
      [
        ['T1', undefined, undefined, 'accepted'],
        ['T2', 'map order', 'canonical-map', 'exception'],
      ],
    );
    assert.match(material.issue.errorText, /^the value map tax has no entry for …$/);
    assert.equal(material.issue.map, 'tax');
    for (const name of ['acme', 'AC-1001', 'CHAIR', 'GST']) assert.ok(!sent().includes(name), name);
    assert.equal(digest, createHash('sha256').update(body).digest('hex'));
    assert.deepEqual([claims[0]?.text, dropped], ['AC-1001 of acme (CHAIR-1) fails at the map.', 0]);
  });

  it('holds no e-mail, name, IBAN, card, phone, street or token, wherever and however it was written', async () => {
    for (const [at, secret] of everyWay.entries()) {
      const letter = letterOf(at + 1, 'acme', unmapped('tax', secret));
      const data = {
        ...(letter.message.data as object),
        number: secret,
        note: `${secret} ${orders}`,
        [secret]: secret,
      };
      const message = { ...letter.message, subject: secret, data };
      const facts = {
        map: secret,
        sku: secret,
        value: secret,
        host: secret,
        field: secret,
        source: 'acme',
      };
      await seed({
        ...letter,
        message,
        facts,
        reason: `${secret} has no entry; ${secret}: ${people.name} (${secret})`,
      });
    }
    const { issues, upkeep } = place.stores.journal;
    const all = await issuesNow();
    assert.ok(all.length > 20, String(all.length));
    for (const issue of all) {
      const subject = () => subjectOf(upkeep.db, issues, issue);
      await drafterWith().draft(await asking({ subject }));
    }
    assert.equal(place.model.received.length, all.length);
    for (const { headers, body } of place.model.received) {
      const text = squeezed(JSON.stringify(headers) + body);
      for (const part of parts) assert.ok(!text.includes(part), `${part}: ${body}`);
    }
    // The same look finds each where it is.
    const store = squeezed(everyWay.join());
    for (const part of parts) assert.ok(store.includes(part), part);
  });

  it('leaves only words of the project in an error text', () => {
    assert.equal(wordsOnly('The order has no entry.'), 'the order has no entry');
    assert.equal(wordsOnly('ODOO_REFUSED: Jane Roe, jane@roe.example 4711 has no "price"'), '… has no price');
    assert.equal(wordsOnly(orders.toLowerCase()).includes('ignore'), false);
    for (const secret of everyWay) {
      const left = squeezed(wordsOnly(`${secret} ${people.name} ${secret}`));
      for (const part of parts) assert.ok(!left.includes(part), `${part}: ${left}`);
    }
    assert.ok(wordsOnly('order '.repeat(1000)).length < 500);
  });

  it('names of nodes that hold an address or a number stay here', async () => {
    const letter = await seed();
    const { correlationid: correlationId } = letter.message;
    await place.stores.journal.append([
      step({ correlationId, flow: 'order-capture', step: 'mail jane@roe.example', outcome: 'mapped' }),
    ]);
    await draft();
    assert.ok(!sent().includes('roe.example'));
  });

  it('of what processes ask for is the same: steps by the order, its number under an alias', async () => {
    const asks = [{ to: 'warehouse', why: `${people.name} is late`, step: 'shipment', is: 'STEP_LATE' }];
    const known = {
      process: 'order-to-cash',
      state: 'running' as const,
      due: null,
      attention: 1 as const,
      body: '{}',
    };
    const money = { amount: '77.77', currency: 'EUR' };
    const own = { ...untold, key: 'acme/1', number: people.iban, partner: 'acme', ...money };
    const updated = '2026-03-01T10:00:00.000Z';
    await place.stores.journal.processes.add({ ...known, ...own, updated, asks: JSON.stringify(asks) });
    await place.stores.journal.append([
      step({ businessKey: people.iban, flow: 'order-capture', step: 'map order' }),
    ]);
    place.model.answer = says({ claims: [claim('The shipment of O1 is late.', 'T1')] });
    const { claims } = await draft({
      named: async () => ({ ...named, processes: new Map([['order-to-cash', new Set(['shipment'])]]) }),
    });
    assert.deepEqual(
      claims.map(({ text }) => text),
      [`The shipment of ${people.iban} is late.`],
    );
    const { body } = place.model.received[0]!;
    const said = ['STEP_LATE', 'order-to-cash', 'shipment', 'O1', 'P1'];
    for (const word of said) assert.ok(body.includes(word), `${word}: ${body}`);
    assert.ok(!body.includes('77.77'));
    const text = squeezed(body);
    for (const part of [...parts, 'acme']) assert.ok(!text.includes(part), `${part}: ${body}`);
  });

  it('has each field told in the docs', () => {
    const page = readFileSync('docs/operators/triage.md', 'utf8');
    const told = [...page.matchAll(/^\| `(\w+\.\w+)` /gm)].map(([, field]) => field);
    const { issue, cases, steps, past } = Material.properties;
    const fields = Object.entries({
      issue,
      cases: cases.items,
      steps: steps.items,
      past: past.items,
    }).flatMap(([name, part]) => Object.keys(part.properties).map((field) => `${name}.${field}`));
    assert.deepEqual(told.toSorted(), fields.toSorted());
  });
});
