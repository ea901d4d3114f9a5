/** The words between the texts of a node's help, by language. */
import { conditionWords, type ConditionWords } from '../schema/applies.ts';

export interface HelpWords {
  outputs: string;
  settings: string;
  /** Heads of the columns of the table of settings. */
  setting: string;
  kind: string;
  default: string;
  does: string;
  text: string;
  secret: string;
  oneOf: string;
  checkbox: string;
  listOf: string;
  node: string;
  required: string;
  number: string;
  integer: string;
  from: string;
  to: string;
  /** Before the unit of a number. */
  in: string;
  seeForm: string;
  condition: ConditionWords;
}

const english: HelpWords = {
  outputs: 'Outputs',
  settings: 'Settings',
  setting: 'setting',
  kind: 'kind',
  default: 'default',
  does: 'what it does',
  text: 'text',
  secret: 'reference `${NAME}` to a secret',
  oneOf: 'one of',
  checkbox: 'yes or no',
  listOf: 'list of',
  node: 'config node',
  required: 'required',
  number: 'number',
  integer: 'whole number',
  from: 'from',
  to: 'to',
  in: 'in',
  seeForm: 'see the form',
  condition: conditionWords,
};

const german: HelpWords = {
  outputs: 'Ausgänge',
  settings: 'Einstellungen',
  setting: 'Einstellung',
  kind: 'Art',
  default: 'Vorgabe',
  does: 'Wirkung',
  text: 'Text',
  secret: 'Verweis `${NAME}` auf ein Geheimnis',
  oneOf: 'eins von',
  checkbox: 'ja oder nein',
  listOf: 'Liste, je Eintrag:',
  node: 'Konfigurationsknoten',
  required: 'nötig',
  number: 'Zahl',
  integer: 'ganze Zahl',
  from: 'von',
  to: 'bis',
  in: 'in',
  seeForm: 'siehe Formular',
  condition: { only: 'nur', with: 'mit', without: 'ohne', and: 'und', or: 'oder', yes: 'ja', no: 'nein' },
};

const byLanguage: Record<string, HelpWords> = { 'en-US': english, de: german };

/** English where the language has none. */
export function helpWords(language: string): HelpWords {
  return byLanguage[language] ?? english;
}
