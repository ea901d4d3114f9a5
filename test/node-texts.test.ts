/** The words of the node forms: every node says all it says in German too, and the same word the same way everywhere. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NodeDefinition } from '../runtime/node-red/define-node.ts';
import { helpWords } from '../runtime/node-red/help-words.ts';
import { nodeHelp } from '../runtime/node-red/docs.ts';
import { readDefinitions } from '../runtime/node-red/palette.ts';
import { textsOf, translations } from '../runtime/node-red/texts.ts';

const locale = (type: string, file: string): string => join('nodes', type, 'locales', file);
const readJson = (file: string): object => JSON.parse(readFileSync(file, 'utf8')) as object;

/** `config.file.title` → its text. */
function flat(texts: object, before = ''): Map<string, string> {
  return new Map(
    Object.entries(texts).flatMap(([name, value]): [string, string][] =>
      typeof value === 'string' ? [[before + name, value]] : [...flat(value as object, `${before}${name}.`)],
    ),
  );
}

/** Made from the definition, and what a hand-made form says besides. */
function english(definition: NodeDefinition): Map<string, string> {
  const own = locale(definition.type, 'en-US.json');
  return new Map([...flat(textsOf(definition)), ...(existsSync(own) ? flat(readJson(own)) : [])]);
}

const all = (text: string, what: RegExp): string[] => [...new Set(text.match(what) ?? [])].toSorted();
/** Titles of settings are of one kind, whatever the setting; options belong to theirs. */
const kindOf = (key: string): string =>
  key.replace(/^(config|outputs)\.\w+\.(?!options)/, '$1.').replace(/options\..*/, 'options');

describe('the texts of the nodes', () => {
  let definitions: NodeDefinition[];
  before(async () => {
    definitions = await readDefinitions('nodes');
  });

  it('are all there in German, and none too many', () => {
    for (const definition of definitions) {
      const { type } = definition;
      const german = flat(readJson(locale(type, 'de.json')));
      const texts = english(definition);
      assert.deepEqual([...german.keys()].toSorted(), [...texts.keys()].toSorted(), type);
      for (const [key, text] of texts) {
        const said = german.get(key)!;
        assert.notEqual(said.trim(), '', `${type} ${key}`);
        assert.deepEqual(all(said, /\{[^}]*\}/g), all(text, /\{[^}]*\}/g), `${type} ${key}`);
      }
    }
  });

  it('say the same English in the same German, in every node', () => {
    const known = new Map<string, string>();
    for (const definition of definitions) {
      const german = flat(readJson(locale(definition.type, 'de.json')));
      for (const [key, text] of english(definition)) {
        const word = `${kindOf(key)}: ${text}`;
        assert.equal(german.get(key), known.get(word) ?? german.get(key), `${definition.type} ${key}`);
        known.set(word, german.get(key)!);
      }
    }
  });

  it('have a German help that names the same codes, values and figures', () => {
    for (const { type, help } of definitions) {
      const german = readFileSync(locale(type, 'de.md'), 'utf8');
      for (const what of [/`[^`]+`/g, /\b[A-Z]+(?:_[A-Z0-9]+)+\b/g, /\b\d+\b/g, /\{[^}]*\}/g])
        assert.deepEqual(all(flow(german), what), all(flow(help), what), type);
      assert.equal(german.match(/^- /gm)?.length, help.match(/^- /gm)?.length, type);
    }
  });

  it('are English where a language lacks one, and the help has the titles of its language', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'texts-'));
    const definition = definitions.find(({ type }) => type === 'schedule')!;
    try {
      writeFileSync(
        join(folder, 'de.json'),
        '{"config": {"missed": {"title": "Versäumt"}}, "outputs": {"due": {"title": "fällig"}}}',
      );
      const { texts, help } = (await translations(definition, folder)).get('de')!;
      assert.equal(texts.label, 'schedule');
      assert.deepEqual(texts.config['missed'], {
        ...textsOf(definition).config['missed'],
        title: 'Versäumt',
      });
      const said = nodeHelp({ ...definition, help }, texts, helpWords('de'));
      assert.match(said, /### Ausgänge\n\n- \*\*fällig\*\* \(`due`\): payload is/);
      assert.match(
        said,
        /\n\| Versäumt \(`missed`\) \| eins von `skip`, `once`, nötig \| `\w+` \| What becomes/,
      );
      assert.match(said, /\n\| Pattern \(`pattern`\) \| Text, nötig \|/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  for (const file of ['messages', 'hub'])
    it(`${file} says the same in both languages, with the same values`, () => {
      const folder = 'runtime/node-red/editor';
      const texts = flat(readJson(join(folder, `${file}.en-US.json`)));
      const german = flat(readJson(join(folder, `${file}.de.json`)));
      assert.deepEqual([...german.keys()].toSorted(), [...texts.keys()].toSorted());
      for (const [key, text] of texts)
        assert.deepEqual(all(german.get(key)!, /__\w+__/g), all(text, /__\w+__/g), key);
    });
});

/** Without its line breaks. */
function flow(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}
