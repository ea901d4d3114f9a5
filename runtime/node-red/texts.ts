/** What a node says: in English as its definition has it, in another language as its folder `locales` has it. */
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMap } from '../schema/schema.ts';
import type { NodeDefinition } from './define-node.ts';
import { exampleText, fieldsOf, optionKey, paletteLabel, type Field } from './form.ts';

export interface FieldTexts {
  title: string;
  description: string;
  unit?: string;
  /** Only where it is a sentence. */
  placeholder?: string;
  options?: Record<string, string>;
}

/** By key, as the form asks for them; a translation is a file of the same shape. */
export interface NodeTexts {
  label: string;
  summary: string;
  config: Record<string, FieldTexts>;
  groups: Record<string, string>;
  outputs: Record<string, { title: string; description: string }>;
}

export interface Translation {
  texts: NodeTexts;
  /** Markdown. */
  help: string;
}

export function textsOf(definition: NodeDefinition): NodeTexts {
  const fields = fieldsOf(definition);
  const groups = fields.flatMap(({ group }) => (group ? [[optionKey(group), group]] : []));
  const { summary, outputs } = definition;
  return {
    label: paletteLabel(definition),
    summary,
    config: Object.fromEntries(fields.map((one) => [one.name, fieldTexts(one)])),
    groups: Object.fromEntries(groups) as Record<string, string>,
    outputs: Object.fromEntries(
      outputs.map(({ name, description }) => [optionKey(name), { title: name, description }]),
    ),
  };
}

function fieldTexts(one: Field): FieldTexts {
  const { title, description, unit, items } = one;
  const options = one.options ?? items?.options;
  const placeholder = exampleText(one);
  return {
    title,
    description,
    ...(unit && { unit }),
    ...(placeholder && { placeholder }),
    ...(options && {
      options: Object.fromEntries(options.map((each) => [optionKey(each.value), each.title])),
    }),
  };
}

/**
 * By language. `locales/<language>.json` holds the texts, `locales/<language>.md` the help; what is not there is said
 * in English. What a hand-made form says besides stands in these files only.
 */
export async function translations(
  definition: NodeDefinition,
  folder: string,
): Promise<Map<string, Translation>> {
  const english: Translation = { texts: textsOf(definition), help: definition.help };
  const result = new Map([['en-US', english]]);
  const files = existsSync(folder) ? await readdir(folder) : [];
  for (const file of files.filter((name) => name.endsWith('.json'))) {
    const language = file.slice(0, -'.json'.length);
    const texts = JSON.parse(await readFile(join(folder, file), 'utf8')) as Record<string, unknown>;
    const help = join(folder, `${language}.md`);
    result.set(language, {
      texts: merge(english.texts, texts),
      help: existsSync(help) ? await readFile(help, 'utf8') : english.help,
    });
  }
  return result;
}

function merge<T extends object>(base: T, over: object): T {
  const merged = { ...base } as Record<string, unknown>;
  for (const [key, value] of Object.entries(over)) {
    const under = merged[key];
    merged[key] = isMap(value) && isMap(under) ? merge(under, value) : value;
  }
  return merged as T;
}
