/** Die Seite einer Ausnahme. */
import type { Like } from '../wording.ts';
import type { letter as english } from '../en/letter.ts';

export const letter: Like<typeof english> = {
  one: 'Ausnahme',
  title: '{subject} in {flow}',
  happened: 'Was geschah',
  sentence:
    'Die Nachricht {type} zu {subject} konnte der Flow {flow} nicht bearbeiten. Sie scheiterte {when}:',
  next: 'Es handelt: {owner}.',
  tries: { one: 'Ein Versuch.', other: '{count} Versuche.' },
  find: '{subject} überall suchen',
  flow: '{flow} im Editor öffnen',
  step: 'Im Probelauf Schritt für Schritt ansehen',
  parked: 'Sie wartet auf {record}, bis {until}. Ist das angekommen, geht sie von selbst weiter.',
  replay: 'Erneut senden',
  edit: 'Daten bearbeiten',
  discard: 'Verwerfen',
  discardHelp: 'Sie wird aufgegeben und bleibt im Journal. Sagen Sie, warum: Andere lesen es.',
  reason: 'Grund',
  cancel: 'Abbrechen',
  replayed: 'Erneut gesendet von {by} {when}.',
  discarded: 'Verworfen von {by} {when}.',
  changed: 'Geändert: {fields}.',
  landed: 'Sie ist angekommen: {reference}',
  onItsWay: 'Sie ist unterwegs. Gesendet ist nicht erledigt: Warten Sie, bis sie angekommen ist.',
  facts: 'Fakten',
  technical: 'Technisches',
  history: 'Versuche',
  version: 'Version {version} des Flows',
  check: 'Zeigen, was sich ändert',
  send: 'Mit diesen Änderungen erneut senden',
  noChange: 'Nichts ist geändert. Soll sie so gehen, wie sie ist, senden Sie sie erneut.',
  changes: { one: 'Eine Änderung', other: '{count} Änderungen' },
  field: 'Feld',
  before: 'Vorher',
  after: 'Nachher',
};
