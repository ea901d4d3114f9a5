/** The words on the pages: one catalogue a language, chosen by the person or else by the browser. */
import { de } from '../texts/de.ts';
import { en } from '../texts/en.ts';
import { signal, useSignal } from './signal.ts';
import { asText, type Key, type Values } from '../texts/wording.ts';

const catalogues = { en, de };
export type Language = keyof typeof catalogues;
export const languages = Object.keys(catalogues) as Language[];

const place = 'tower-language';
export const language = signal<Language>(firstLanguage());

function firstLanguage(): Language {
  const wanted = [localStorage.getItem(place) ?? '', ...navigator.languages].map((one) => one.slice(0, 2));
  return wanted.find((one): one is Language => Object.hasOwn(catalogues, one)) ?? 'en';
}

export function choose(one: Language): void {
  localStorage.setItem(place, one);
  language.set(one);
}

export function useLanguage(): Language {
  return useSignal(language);
}

/** `t('shell.waiting', { count: 3 })`: `count` also chooses between one and other. */
export function t(key: Key, values: Values = {}): string {
  return asText(catalogues[language.get()], language.get(), key, values) ?? key;
}

/** Where the key is made of data, such as a code: undefined where the catalogue has none. */
export function textOf(key: string, values: Values = {}): string | undefined {
  return asText(catalogues[language.get()], language.get(), key, values);
}

export function teamName(team: string): string {
  return textOf(`teams.${team}`) ?? team;
}
