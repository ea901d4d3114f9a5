/** The words of the tower: every language says everything, and no page has words of its own. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asText, type Catalogue, type Entry } from '../runtime/tower/web/texts/wording.ts';
import { de } from '../runtime/tower/web/texts/de.ts';
import { en } from '../runtime/tower/web/texts/en.ts';

const web = 'runtime/tower/web';
const others: Record<string, Catalogue> = { de };

function keysOf(catalogue: Catalogue): string[] {
  return Object.entries(catalogue).flatMap(([group, texts]) =>
    Object.keys(texts).map((name) => `${group}.${name}`),
  );
}

const formsOf = (entry: Entry): string[] => (typeof entry === 'string' ? [entry] : [entry.one, entry.other]);
const valuesIn = (entry: Entry): string[] =>
  [...new Set(formsOf(entry).flatMap((form) => form.match(/\{\w+\}/g) ?? []))].toSorted();

/** The parts of each html`…` in a source that are not `${…}`; what stood there is a NUL. */
function templatesIn(source: string): string[] {
  const found: string[] = [];
  const code = (at: number, end: '}' | ''): number => {
    let index = at;
    for (let depth = 0; index < source.length; index += 1) {
      const char = source[index]!;
      if (char === end && depth === 0) return index;
      if (char === '{') depth += 1;
      else if (char === '}') depth -= 1;
      else if (char === "'" || char === '"') index = quoted(index);
      else if (char === '/' && source[index + 1] === '/') index = source.indexOf('\n', index);
      else if (char === '/' && source[index + 1] === '*') index = source.indexOf('*/', index) + 1;
      else if (char === '`') index = template(index, source.slice(index - 4, index) === 'html');
    }
    return index;
  };
  const quoted = (at: number): number => {
    let index = at + 1;
    while (index < source.length && source[index] !== source[at]) index += source[index] === '\\' ? 2 : 1;
    return index;
  };
  const template = (at: number, isHtml: boolean): number => {
    let text = '';
    let index = at + 1;
    for (; index < source.length && source[index] !== '`'; index += 1) {
      if (source[index] === '\\') index += 1;
      else if (source.startsWith('${', index)) {
        index = code(index + 2, '}');
        text += '\0';
      } else text += source[index];
    }
    if (isHtml) found.push(text);
    return index;
  };
  code(0, '');
  return found;
}

/** Names that are the same in every language. */
const names = /^(Crossdock|CSV)$/;

function wordsIn(template: string): string[] {
  const said = [...template.matchAll(/(?:^|>)([^<>]*)(?=<|$)/g)].map(([, text = '']) => text);
  const spoken = [...template.matchAll(/\b(?:alt|title|placeholder|aria-label)="([^"]+)"/g)].map(
    ([, text = '']) => text,
  );
  return [...said, ...spoken]
    .flatMap((text) => text.split('\0'))
    .map((text) => text.trim())
    .filter((text) => /\p{L}{2,}/u.test(text) && !names.test(text));
}

describe('the texts of the tower', () => {
  for (const [language, catalogue] of Object.entries(others)) {
    it(`${language} says all that English says, with the same values`, () => {
      assert.deepEqual(keysOf(catalogue).toSorted(), keysOf(en).toSorted());
      for (const [group, texts] of Object.entries(en as Catalogue)) {
        for (const [name, entry] of Object.entries(texts))
          assert.deepEqual(valuesIn(catalogue[group]![name]!), valuesIn(entry), `${group}.${name}`);
      }
    });
  }

  it('are never empty', () => {
    for (const catalogue of [en, ...Object.values(others)]) {
      for (const [group, texts] of Object.entries(catalogue as Catalogue)) {
        for (const [name, entry] of Object.entries(texts))
          assert.ok(
            formsOf(entry).every((form) => form.trim() !== ''),
            `${group}.${name}`,
          );
      }
    }
  });

  it('put values in, and choose the form of a number', () => {
    const catalogue = { a: { rows: { one: '{count} row', other: '{count} rows' }, b: 'at {where}' } };
    assert.equal(asText(catalogue, 'en', 'a.rows', { count: 1 }), '1 row');
    assert.equal(asText(catalogue, 'en', 'a.rows', { count: 2 }), '2 rows');
    assert.equal(asText(catalogue, 'en', 'a.b', { where: 'home' }), 'at home');
    assert.equal(asText(catalogue, 'en', 'a.b', {}), 'at {where}');
    assert.equal(asText(catalogue, 'en', 'a.toString', {}), undefined);
    assert.equal(asText(catalogue, 'en', 'c.d', {}), undefined);
  });

  const sources = globSync('**/*.ts', { cwd: web }).filter((file) => !file.startsWith('texts'));
  for (const file of sources) {
    it(`${file} has no words of its own`, () => {
      const templates = templatesIn(readFileSync(join(web, file), 'utf8'));
      assert.deepEqual(templates.flatMap(wordsIn), []);
    });
  }

  it('words in a page are found, also in a template within a template', () => {
    const source = [
      'const a = html`<p class="x">${t("a.b")} then</p>`;',
      'const b = html`<b aria-label="Close it">${rows.map((row) => html`<i>${row} left</i>`)}</b>`;',
      "const c = html`<a href=${`/x/${y}`} title=${t('q')}>${d({ e: '}' })}</a>`;",
    ].join('\n');
    assert.deepEqual(templatesIn(source).flatMap(wordsIn).toSorted(), ['Close it', 'left', 'then']);
  });
});
