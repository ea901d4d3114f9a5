/** Das Formular für die Daten einer Nachricht. */
import type { Like } from '../wording.ts';
import type { form as english } from '../en/form.ts';

export const form: Like<typeof english> = {
  required: 'muss ausgefüllt sein',
  none: '(keine)',
  remove: 'Entfernen',
  removeOf: '{title} entfernen',
  addGroup: 'Hinzufügen: {title}',
  addRow: 'Zeile hinzufügen: {title}',
  hidden: {
    one: 'Ein weiteres Feld steht nicht im Formular: siehe das rohe JSON.',
    other: '{count} weitere Felder stehen nicht im Formular: siehe das rohe JSON.',
  },
  raw: 'Rohes JSON',
  whole: 'Die ganze Nachricht',
  noSchema: 'Zu dieser Nachricht ist hier kein Schema bekannt, darum steht sie als JSON da.',
  notJson: 'Das ist kein JSON: Vielleicht fehlt ein Anführungszeichen, ein Komma oder eine Klammer.',
  dateTime: 'Datum und Zeit wie 2026-11-25T10:00:00Z',
  date: 'Ein Datum wie 2026-11-25',
  decimal: 'Eine Zahl mit Punkt, wie 12.50',
  pattern: 'Es muss aussehen wie {pattern}',
};
