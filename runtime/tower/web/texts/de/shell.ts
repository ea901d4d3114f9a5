/** Auf jeder Seite. */
import type { Like } from '../wording.ts';
import type { shell as english } from '../en/shell.ts';

export const shell: Like<typeof english> = {
  pages: 'Seiten',
  skip: 'Zum Inhalt',
  search: 'Suche',
  searchHint: 'Jede Nummer finden   /',
  language: 'Sprache',
  teams: 'In: {teams}',
  workspace: 'Werkstatt',
  tower: 'Leitstand',
  editor: 'Editor der Flows',
  idle: 'Hier wurde eine Weile nichts getan: Die Anmeldung endet in weniger als einer Minute. Klicken oder tippen Sie, um zu bleiben.',
  meet: 'Ihre Rollen dürfen nicht in einer Person zusammentreffen ({rules}): Sie dürfen keines von beiden. Fragen Sie, wer die Benutzer verwaltet.',
  mayNot: 'Ihre Rolle zeigt diese Seite nicht.',
  logOut: 'Abmelden',
  close: 'Schließen',
  loading: 'Einen Moment …',
  again: 'Noch einmal versuchen',
  logId: 'Nummer im Protokoll: {id}',
  now: 'gerade eben',
  more: 'Mehr zeigen',
  rows: { one: '{count} Zeile', other: '{count} Zeilen' },
  csv: 'Diese Zeilen herunterladen (CSV)',
  noPage: 'Diese Seite gibt es nicht',
  noPageHelp: 'Die Adresse ist vielleicht alt, oder ein Teil von ihr fehlt.',
  home: 'Zur Arbeitsliste',
  noScript:
    'Der Leitstand braucht JavaScript. Erlauben Sie es im Browser für diese Adresse und laden Sie die Seite neu.',
};
