/** How a text of a catalogue becomes a sentence: its values are put in, and number decides its form. */
import type { en } from './en.ts';

/** `{name}` stands for a value. A text with `one` and `other` asks for the value `count`. */
export type Entry = string | { readonly one: string; readonly other: string };
export type Group = Readonly<Record<string, Entry>>;
export type Catalogue = Readonly<Record<string, Group>>;

type English = typeof en;
export type Key = {
  [G in keyof English & string]: `${G}.${keyof English[G] & string}`;
}[keyof English & string];

/** The same keys in another language. */
export type Like<Of> = { readonly [K in keyof Of]: Of[K] extends Entry ? Entry : Like<Of[K]> };

export type Values = Readonly<Record<string, string | number>>;

export function asText(
  catalogue: Catalogue,
  language: string,
  key: string,
  values: Values,
): string | undefined {
  const [group = '', ...name] = key.split('.');
  const texts = catalogue[group];
  const own = name.join('.');
  const entry = texts && Object.hasOwn(texts, own) ? texts[own] : undefined;
  if (entry === undefined) return undefined;
  return formOf(entry, language, values).replaceAll(/\{(\w+)\}/g, (all, value: string) =>
    String(values[value] ?? all),
  );
}

function formOf(entry: Entry, language: string, { count }: Values): string {
  if (typeof entry === 'string') return entry;
  return new Intl.PluralRules(language).select(Number(count)) === 'one' ? entry.one : entry.other;
}
