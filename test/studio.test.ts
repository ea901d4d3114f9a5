/** The mapping studio without a browser: what a reading finds, what a run tells, and that a wild expression ends alone. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parse } from 'yaml';
import { compile } from '../runtime/map/mapping.ts';
import { functionNames } from '../runtime/workspace/studio/complete.ts';
import { rootField } from '../runtime/workspace/studio/field-nodes.ts';
import { readExpression } from '../runtime/workspace/studio/reading.ts';
import { addMessage, addSchema, emptyShape, fieldsOf } from '../runtime/workspace/studio/shape.ts';
import { caseOf, withCase } from '../runtime/workspace/studio/test-case.ts';
import { studioThread } from '../runtime/workspace/studio/thread.ts';
import { targetsOf, wrongNames } from '../runtime/workspace/studio/told.ts';
import { pairsOf, tokensOf, type Span } from '../runtime/workspace/studio/tokens.ts';
import { functionHelp } from '../runtime/workspace/studio/function-help.ts';
import { draftOf } from '../runtime/workspace/studio/new-mapping.ts';
import type { RunAnswer } from '../runtime/workspace/studio/run.ts';
import { follower, type Told } from '../runtime/tower/web/workspace/studio/follow.ts';
import { movedTargets } from '../runtime/tower/web/workspace/studio/moved.ts';
import { targetAt } from '../runtime/tower/web/workspace/studio/target-at.ts';
import { functions as english } from '../runtime/tower/web/texts/en/functions.ts';

const dir = resolve('definitions');

function reading(text: string, message: unknown, others: unknown[] = []) {
  const known = emptyShape();
  for (const one of others) addMessage(known, one);
  const root = rootField(addMessage(emptyShape(), message), known);
  return readExpression(compile('test', text).ast(), root, pairsOf(tokensOf(text)));
}

function wrong(text: string, message: unknown, others?: unknown[]): string[] {
  return wrongNames(reading(text, message, others), text).map(
    ({ kind, path, at }) => `${kind} ${path} ${text.slice(at.from, at.to)}`,
  );
}

describe('mapping studio', () => {
  describe('wrong paths', () => {
    const order = { id: 1, lines: [{ sku: 'A', price: '1.00' }, { sku: 'B' }], note: null };

    it('are those that no message has, at their place', () => {
      assert.deepEqual(wrong("{'a': id, 'b': idd, 'c': lines.{'d': sku, 'e': skuu}}", order), [
        'unknown idd idd',
        'unknown lines.skuu skuu',
      ]);
    });
    it('are told apart from what only this message lacks', () => {
      assert.deepEqual(wrong("{'a': tip, 'b': note.x}", order, [{ tip: '1' }]), [
        'absent tip tip',
        'absent note.x x',
      ]);
    });
    it('are found through variables, functions and objects of the expression', () => {
      const text = `( $all := lines.{'line': $, 'n': 1}; $name := function($l) { $l.title };
        $all.{ 'sku': line.sku, 'x': line.nope, 'y': m, 'name': $name(line) } )`;
      assert.deepEqual(wrong(text, order), [
        'unknown lines.title title',
        'unknown lines.nope nope',
        'unknown m m',
      ]);
    });
    it('are none of what functions give, and none in quotes or comments', () => {
      assert.deepEqual(
        wrong("/* nope */ {'nope': $rules('shopify').tests & 'nope', 'l': `lines`[0].sku}", order),
        [],
      );
    });
    it('can be in no schema either', () => {
      const schema = JSON.parse(readFileSync('definitions/schemas/order.v1.json', 'utf8')) as unknown;
      const root = rootField(emptyShape(), addSchema(emptyShape(), schema));
      const text = "{'a': lines.sku, 'b': lines.skus}";
      const found = wrongNames(
        readExpression(compile('test', text).ast(), root, pairsOf(tokensOf(text))),
        text,
      );
      assert.deepEqual(
        found.map(({ kind, path }) => `${kind} ${path}`),
        ['absent lines', 'absent lines', 'unknown lines.skus'],
      );
    });
  });

  describe('the fields of a result', () => {
    it('come from the fields that their expressions read', () => {
      const text = `( $lines := [items.{ 'sku': $text(sku), 'tax': $money(a ? tax : 0) }];
        { 'source': 'x', 'lines': $append($lines, []), "sum": $sum_money(items.price) } )`;
      const targets = targetsOf(reading(text, {}));
      assert.deepEqual(
        targets.map(({ path, sources, spans }) => [
          path,
          sources,
          spans.map(({ from, to }) => text.slice(from, to)),
        ]),
        [
          ['source', [], ["'x'"]],
          ['lines', ['items.a', 'items.sku', 'items.tax'], ['$append($lines, [])']],
          ['lines.sku', ['items.sku'], ['$text(sku)']],
          ['lines.tax', ['items.a', 'items.tax'], ['$money(a ? tax : 0)']],
          ['sum', ['items.price'], ['$sum_money(items.price)']],
        ],
      );
    });
    it('are those of the schema', () => {
      const fields = fieldsOf(JSON.parse(readFileSync('definitions/schemas/order.v1.json', 'utf8')));
      assert.ok(fields.some(({ path, required }) => path === 'lines.sku' && required));
    });
    it('of an expression that never ends are not waited for', () => {
      const calls = Array.from(
        { length: 40 },
        (_, at) => `$f${at + 1} := function($x) { [$f${at}($x), $f${at}($x)] };`,
      );
      assert.ok(reading(`($f0 := function($x) { $x.a }; ${calls.join('\n')} {'r': $f40($)})`, {}));
    });
  });

  describe('a run', () => {
    const thread = studioThread({ timeoutMs: 20_000 });
    const one = (text: string, message: unknown, schema?: string) =>
      thread.ask({
        ask: 'run',
        dir,
        sources: [],
        name: 'test',
        text,
        message: JSON.stringify(message),
        schema,
      });
    after(() => thread.close());

    it('gives the result, the verdict of the schema and the value maps', async () => {
      const text = "{'uom': $value('uom', 'EA'), 'no': $mapped('uom', 'NOPE')}";
      const { result, violations, used } = await one(text, {}, 'schemas/order.v1.json');
      assert.deepEqual(JSON.parse(result ?? ''), { uom: 'Units' });
      assert.ok(violations!.some(({ path, message }) => path === 'lines' && message === 'is missing'));
      assert.deepEqual(used, [
        { map: 'uom', value: 'EA', to: 'Units' },
        { map: 'uom', value: 'NOPE' },
      ]);
    });
    it('tells all values that are missing, not only the first', async () => {
      const { error, used } = await one("[$value('uom', 'NO1'), $value('uom', 'NO2')]", {});
      assert.equal(error?.code, 'VALUE_UNMAPPED');
      assert.deepEqual(
        used.map(({ value }) => value),
        ['NO1', 'NO2'],
      );
    });
    it('says where an expression is wrong, and where it fails', async () => {
      assert.deepEqual((await one("{\n  'a': }", {})).error, {
        code: 'MAPPING_INVALID',
        message: 'The symbol "}" cannot be used as a unary operator',
        line: 2,
        column: 8,
      });
      const { code, line, column } = (await one("{\n  'a': $money(x)}", { x: 'y' })).error ?? {};
      assert.deepEqual([code, line, column], ['MAPPING_FAILED', 2, 8]);
    });
    it('reads a message as the hub does: no long number is rounded, of two equal keys the last one counts', async () => {
      const message = '{"id": 8209829100959404431, "n": 1, "n": 2, "note": "a\\u0000b"}';
      const asked = { ask: 'run', dir, sources: [], name: 'test', message } as const;
      const { result } = await thread.ask({ ...asked, text: "{'id': $text(id), 'n': n, 'note': note}" });
      assert.deepEqual(JSON.parse(result ?? ''), { id: '8209829100959404431', n: 2, note: 'ab' });
      await assert.rejects(thread.ask({ ...asked, text: '1', message: '{"id": "a\\u0000"}' }), {
        code: 'TEXT_INVALID',
      });
    });
    it('is that of a proposed draft too', async () => {
      const message = { id: 7, currency: 'EUR', lines: [{ sku: 'A', quantity: 2 }] };
      const wanted = { name: 'acme.order', schema: 'order.v1', message: JSON.stringify(message) };
      const { result } = await one(draftOf({ definitionsDir: dir }, wanted), message);
      const order = JSON.parse(result ?? '') as { source: string; lines: { sku: string }[] };
      assert.equal(order.source, 'acme');
      assert.equal(order.lines[0]?.sku, 'A');
      for (const wrong of [{ message: '{' }, { schema: 'nope' }])
        assert.throws(() => draftOf({ definitionsDir: dir }, { ...wanted, ...wrong }), {
          code: 'REQUEST_INVALID',
        });
    });
    it('offers the fields that can stand at a place', async () => {
      const text = "{'a': lines.";
      const { from, options } = await thread.ask({
        ask: 'complete',
        dir,
        sources: [],
        name: 'test',
        text: `${text}}`,
        at: text.length,
        message: '{"lines": [{"sku": "A"}]}',
      });
      assert.equal(from, text.length);
      assert.deepEqual(options[0], { kind: 'field', name: 'sku', detail: '"A"' });
      assert.ok(options.some(({ name }) => name === '$money'));
      assert.ok(!options.some(({ name }) => ['$moment', '$eval'].includes(name)));
    });
  });

  describe('a wild expression', () => {
    const wild = '($f := function($n) { $n < 1 ? 0 : $f($n - 1) + $f($n - 2) + $f($n - 2) }; $f(40))';
    const ask = { ask: 'run', dir, sources: [], name: 'test', text: wild, message: '{}' } as const;

    it('ends by the limits of the engine, in a thread of its own: the hub goes on', async function () {
      this.timeout(90_000);
      const thread = studioThread();
      let turns = 0;
      const timer = setInterval(() => (turns += 1), 10);
      const { error } = await thread.ask(ask);
      clearInterval(timer);
      await thread.close();
      assert.equal(error?.code, 'MAPPING_FAILED');
      assert.ok(turns > 20, `${turns} turns`);
    });
    it('ends with its thread where the engine does not end it, and the next is answered', async () => {
      const thread = studioThread({ timeoutMs: 1 });
      await assert.rejects(thread.ask(ask), {
        code: 'MAPPING_FAILED',
        message: 'The expression takes too long',
      });
      await assert.rejects(thread.ask(ask), { message: 'The expression takes too long' });
      await thread.close();
    });
  });

  it('asks one thing at a time, what was typed last next, and runs it when nobody types', async () => {
    const asked: string[] = [];
    const waiting: (() => void)[] = [];
    const shown: Told[] = [];
    const ask = (what: string, { text }: { text: string }): Promise<RunAnswer> => {
      asked.push(`${what} ${text}`);
      return new Promise((resolve) => {
        waiting.push(() => resolve(what === 'run' ? { used: [], result: text } : { used: [], targets: [] }));
      });
    };
    let ran: () => void = () => {};
    const isRun = new Promise<void>((resolve) => (ran = resolve));
    const one = follower(ask, (next) => {
      shown.push(next(shown.at(-1) ?? {}));
      if (shown.at(-1)?.answer?.result) ran();
    });
    const wanted = (text: string) => ({ name: 'test', text, message: '{}' });
    for (const text of ['a', 'b', 'c']) one.changed(wanted(text));
    const timer = setInterval(() => waiting.shift()?.(), 1);
    await isRun;
    clearInterval(timer);
    one.end();
    assert.deepEqual(asked, ['read a', 'read c', 'run c']);
    assert.equal(shown.length, 2);
  });
  it('reads what is typed without waiting for a run, whose answer is dropped then', async () => {
    const asked: string[] = [];
    const shown: Told[] = [];
    let answerRun: () => void = () => {};
    let ran: () => void = () => {};
    const isRun = new Promise<void>((resolve) => (ran = resolve));
    const one = follower(
      (what, { text }) => {
        asked.push(`${what} ${text}`);
        if (what === 'read') return Promise.resolve({ used: [], targets: [] });
        return new Promise((resolve) => {
          answerRun = () => resolve({ used: [], targets: [], result: text });
          ran();
        });
      },
      (next) => shown.push(next(shown.at(-1) ?? {})),
    );
    one.changed({ name: 'test', text: 'a', message: '{}' });
    await isRun;
    one.changed({ name: 'test', text: 'b', message: '{}' });
    await setTimeout(0);
    assert.deepEqual(
      shown.map(({ of }) => of),
      ['a', 'b'],
    );
    answerRun();
    await setTimeout(0);
    one.end();
    assert.deepEqual(asked, ['read a', 'run a', 'read b']);
    assert.equal(shown.at(-1)?.answer?.result, undefined);
  });
  it('keeps where the fields come from while what is written is no expression', async () => {
    const shown: Told[] = [{ answer: { used: [], result: '1', targets: [] }, of: 'a' }];
    const error = { code: 'MAPPING_INVALID', message: 'no' };
    let end: () => void = () => {};
    const isOver = new Promise<void>((resolve) => (end = resolve));
    const one = follower(
      async () => ({ used: [], error }),
      (next) => {
        shown.push(next(shown.at(-1) ?? {}));
        if (shown.length === 3) end();
      },
    );
    one.changed({ name: 'test', text: 'a +', message: '{}' });
    await isOver;
    one.end();
    assert.deepEqual(shown.slice(1), [
      { answer: { used: [], result: '1', targets: [], error }, of: 'a' },
      { answer: { used: [], targets: [], error }, of: 'a' },
    ]);
  });
  it('moves the places of fields with a change of the text', () => {
    const before = "{'a': {'b': one, 'c': two}, 'd': three}";
    const span = (text: string): Span => ({
      from: before.indexOf(text),
      to: before.indexOf(text) + text.length,
    });
    const targets = ["{'b': one, 'c': two}", 'one', 'two', 'three'].map((path) => ({
      path,
      spans: [span(path)],
      sources: [],
    }));
    const after = (text: string) =>
      movedTargets(targets, before, text).map(({ spans }) =>
        spans.map(({ from, to }) => text.slice(from, to)),
      );
    assert.deepEqual(after(before.replace('one', 'one & 1')), [
      ["{'b': one & 1, 'c': two}"],
      ['one & 1'],
      ['two'],
      ['three'],
    ]);
    assert.deepEqual(after(before.replace("two}, 'd'", 'x')), [[], ['one'], [], ['three']]);
  });
  it('finds the field that is given where the cursor stands, the inner one', () => {
    const targets = [
      { path: 'lines', spans: [{ from: 10, to: 40 }], sources: [] },
      { path: 'lines.sku', spans: [{ from: 20, to: 24 }], sources: [] },
    ];
    assert.deepEqual(
      [5, 12, 24].map((at) => targetAt(targets, at)?.path),
      [undefined, 'lines', 'lines.sku'],
    );
  });
  it('helps with the same words in the editor', () => {
    const { functions } = functionHelp('de');
    assert.ok(functions.every(({ help }) => help !== ''));
    assert.ok(functions.some(({ name }) => name === '$money'));
    assert.ok(!functions.some(({ name }) => ['$moment', '$eval', '$env'].includes(name)));
  });
  it('makes a test case of what came out, and of nothing that is cut', () => {
    const given = { id: '8209829100959404431' };
    assert.deepEqual(caseOf('a', given, '{"event": 1}', { used: [], result: '{"b": 2}' }), {
      case: 'a',
      given,
      bindings: { event: 1 },
      expect: { b: 2 },
    });
    const error = { code: 'VALUE_UNMAPPED', message: '' };
    const { expectError } = caseOf('a', given, undefined, { used: [], error });
    assert.deepEqual(expectError, { code: 'VALUE_UNMAPPED' });
    assert.throws(() => caseOf('a', given, undefined, { used: [], result: '{"b', isCut: true }), {
      code: 'REQUEST_INVALID',
    });
  });
  it('adds a test case and leaves what stands there', () => {
    const file = 'definitions/mappings/woocommerce.state.test.yaml';
    const before = readFileSync(file, 'utf8');
    const after = withCase(file, before, { case: 'new', given: { id: '12', list: ['a'] }, expect: 'take' });
    assert.ok(after.startsWith(before));
    assert.deepEqual((parse(after) as { cases: unknown[] }).cases.at(-1), {
      case: 'new',
      given: { id: '12', list: ['a'] },
      expect: 'take',
    });
    assert.throws(() => withCase(file, after, { case: 'new', given: {}, expect: 1 }), {
      code: 'REQUEST_INVALID',
    });
  });

  it('has words for each function that is offered', () => {
    const offered = [...functionNames.own, ...functionNames.jsonata];
    assert.deepEqual(Object.keys(english).toSorted(), offered.toSorted());
  });
});
