/** Lücken in Wertetabellen, und Einträge, die dafür vorgeschlagen sind. */
import type { Like } from '../wording.ts';
import type { mend as english } from '../en/mend.ts';

export const mend: Like<typeof english> = {
  nav: 'Vorschläge',
  title: 'Hier beheben',
  noEntry: 'Die Wertetabelle {map} hat keinen Eintrag für',
  inMap: 'Die Wertetabelle {map} hat',
  from: '(von {source})',
  article: 'für den Artikel {article}',
  about: '{summary} Verantwortlich: {owner}.',
  waiting: {
    one: 'Eine Ausnahme wartet darauf.',
    other: '{count} Ausnahmen warten darauf: Ein Eintrag lässt sie alle weiter.',
  },
  ledFrom:
    'Die Wertetabelle führt {from} zu {value}, und Odoo hat keinen solchen Artikel: Berichtigen Sie jenen Eintrag oder den Artikel in Odoo.',
  context: 'Wo es in der Nachricht steht',
  hasEntry: 'Die Wertetabelle hat inzwischen einen Eintrag: {to}. Was wartet, geht von selbst weiter.',
  proposed: '{by} hat {when} {to} vorgeschlagen. Der Vorschlag wartet auf ein Release, das ihn enthält.',
  all: 'Alle Vorschläge',
  withdraw: 'Zurückziehen',
  mayNot: 'Um die Lücke zu füllen, fragen Sie jemanden, dessen Rolle erneut senden darf.',
  factor: 'Wie viele davon eines ist (nur wenn es nicht eins ist)',
  onlySource: 'Nur für das, was von {source} kommt',
  onlyArticle: 'Nur für den Artikel {article}',
  busy: 'Einen Moment …',
  put: 'In die Wertetabelle eintragen',
  propose: 'Vorschlagen',
  atOnce:
    'Es wird in die Datei der Wertetabelle geschrieben und gilt sofort. Was wartete, wird von selbst erneut gesendet.',
  byRelease:
    'Auf diesem Hub läuft ein Release. Der Vorschlag wird dort übernommen, wo Flows entstehen, und kommt mit dem nächsten Release zurück, das ein Zweiter freigibt. Dann wird, was wartete, von selbst erneut gesendet.',
  live: {
    one: 'Es ist ab jetzt {to}. Eine Nachricht, die darauf wartete, geht von selbst weiter.',
    other: 'Es ist ab jetzt {to}. {count} Nachrichten, die darauf warteten, gehen von selbst weiter.',
  },
  isProposed: 'Es ist vorgeschlagen. Es gilt mit einem Release, das es enthält.',
  inOdoo: 'Was Odoo hat',
  search: 'In Odoo suchen nach',
  away: 'Odoo kann gerade nicht gefragt werden: Schreiben Sie, wie es dort heißt.',
  nothing:
    'Odoo hat nichts Ähnliches. Suchen Sie nach einem anderen Wort, oder schreiben Sie, wie es dort heißt.',
  orWrite: 'Oder schreiben Sie es',
  write: 'Es ist',
  explained:
    'Einträge für Wertetabellen, die jemand aus einer Ausnahme heraus vorgeschlagen hat. Wo Flows entstehen, werden sie in die Dateien übernommen; mit dem nächsten Release gelten sie.',
  state: 'Zeigen, was',
  'state-waiting': 'auf ein Release wartet',
  'state-live': 'gilt',
  'state-other': 'inzwischen einen anderen Eintrag hat',
  'state-withdrawn': 'zurückgezogen wurde',
  value: 'Wert',
  map: 'Wertetabelle',
  to: 'Ist',
  for: 'Nur für',
  by: 'Vorgeschlagen von',
  made: 'Wann',
  act: 'Tun',
  take: 'Übernehmen',
  of: 'Vorschläge von {environment}',
  none: 'Es gibt keine. Ein Vorschlag entsteht auf der Seite einer Ausnahme, die auf eine Wertetabelle wartet.',
};
