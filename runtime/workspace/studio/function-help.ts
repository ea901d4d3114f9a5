/** What each function of a mapping does, in the words of the tower. */
import { functions as de } from '../../tower/web/texts/de/functions.ts';
import { functions as en } from '../../tower/web/texts/en/functions.ts';
import { functionNames } from './complete.ts';

const texts: Record<'en' | 'de', Record<string, string>> = { en, de };

export interface FunctionHelp {
  /** With its `$`. */
  name: string;
  help: string;
}

export function functionHelp(language: 'en' | 'de'): { functions: FunctionHelp[] } {
  const names = [...functionNames.own, ...functionNames.jsonata];
  return { functions: names.map((name) => ({ name: `$${name}`, help: texts[language][name] ?? '' })) };
}
