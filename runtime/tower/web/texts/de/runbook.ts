/** Die Seiten der Fehlercodes. */
import type { Like } from '../wording.ts';
import type { runbook as english } from '../en/runbook.ts';

export const runbook: Like<typeof english> = {
  one: 'Fehlercode',
  all: 'Alle Fehlercodes',
  what: 'Was zu tun ist',
  who: 'Es handelt: {owner}.',
  'owner-sender': 'der Partner',
  'owner-analyst': 'der Analyst',
  'owner-operations': 'der Betrieb',
  'owner-finance': 'die Finanzabteilung',
  retryable: 'Dieselbe Nachricht kann später ohne Änderung gelingen: Der Hub versucht es von selbst.',
  lasting: 'Dieselbe Nachricht scheitert wieder, bis etwas geändert ist.',
  open: { one: 'Eine Ausnahme wartet damit.', other: '{count} Ausnahmen warten damit.' },
  queue: 'Dorthin',
  helped: 'Was hier zuletzt geholfen hat',
  never: 'Noch ist nichts bekannt: Keine Ausnahme mit diesem Code wurde hier erneut gesendet oder verworfen.',
  replayed: { one: '{by} hat eine erneut gesendet', other: '{by} hat {count} erneut gesendet' },
  discarded: { one: '{by} hat eine verworfen', other: '{by} hat {count} verworfen' },
  landed: 'und sie kam an.',
  landedSome: 'davon kamen {landed} von {looked} an.',
  changed: 'Vorher geändert: {fields}',
  flow: 'Der Flow {name} wurde dazwischen geändert: {before} → {after}',
  find: 'Suchen',
  meaning: 'Was er bedeutet',
  acts: 'Wer handelt',
  none: 'Kein Code enthält „{find}“.',
};
