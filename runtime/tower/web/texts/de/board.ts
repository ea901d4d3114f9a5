/** Die Tafel. */
import type { Like } from '../wording.ts';
import type { board as english } from '../en/board.ts';

export const board: Like<typeof english> = {
  nav: 'Tafel',
  title: 'Tafel',
  steps: 'Schritte von {process}',
  partner: 'Partner',
  warehouse: 'Lager',
  all: 'alle',
  orders: { one: '{count} Auftrag', other: '{count} Aufträge' },
  late: { one: '{count} überfällig', other: '{count} überfällig' },
  attention: { one: 'bei {count} ist jemand gefragt', other: 'bei {count} ist jemand gefragt' },
  oldest: 'Ältester: {ago}',
  unvalued: { one: '{count} ohne bekannten Wert', other: '{count} ohne bekannten Wert' },
  nothing: 'Hier steht nichts',
  ageing: 'Wie überfällig, in Arbeitstagen nach dem geplanten Termin',
  ageingHelp: 'Es sind die Tage des Kalenders dieses Prozesses ({timezone}).',
  byPartner: 'Wie überfällig, nach Partner',
  byWarehouse: 'Wie überfällig, nach Lager',
  sum: 'Alle',
  step: 'Schritt',
  'age.none': 'Kein Termin geplant',
  'age.due': 'Im Plan',
  'age.0-1': '0–1',
  'age.1-3': '1–3',
  'age.3-7': '3–7',
  'age.7-14': '7–14',
  'age.14+': 'Mehr als 14',
  'age.late': 'Alle überfälligen',
  age: 'Wie überfällig',
  anyAge: 'egal',
  cell: '{name}, {age}',
  empty:
    'Kein Auftrag dieses Prozesses läuft. Aufträge erscheinen hier, sobald die erste Nachricht von ihnen ankommt.',
};
