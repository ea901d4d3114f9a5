/** The part of an issue's page that says what is known about it, and what helped before. */
import type { Like } from '../wording.ts';
import type { triage as english } from '../en/triage.ts';

export const triage: Like<typeof english> = {
  title: 'Einschätzung',
  means: 'Was es bedeutet',
  do: 'Was zu tun ist',
  helped: 'Was hier früher geholfen hat',
  never: 'Noch ist nichts bekannt: Hier hat noch niemand über etwas mit diesem Code entschieden.',
  nearCause: 'dieselbe Ursache',
  nearPlace: 'derselbe Code und Flow',
  nearCode: 'derselbe Code anderswo',
  map: 'Eintrag in der Wertetabelle {detail} ergänzt, dann erneut gesendet',
  edit: 'Daten geändert ({detail}), dann erneut gesendet',
  flow: 'Flow geändert ({detail}), dann erneut gesendet',
  again: 'Unverändert erneut gesendet',
  before: 'Gewartet, bis der Vorgänger angekommen war',
  wait: 'Gewartet auf {detail}',
  discard: 'Aufgegeben: {detail}',
  of: 'hat in {worked} von {times} Fällen geholfen',
  failed: { one: '{count} ist erneut fehlgeschlagen', other: '{count} sind erneut fehlgeschlagen' },
  openYet: { one: '{count} ist noch nicht bekannt', other: '{count} sind noch nicht bekannt' },
  givenUp: { one: 'einmal aufgegeben', other: '{count}-mal aufgegeben' },
  lastBy: 'zuletzt von {by}',
  valueMap: 'Wertetabelle',
  letter: 'Ausnahme',
  issue: 'Aufgabe',
  replay: 'Wiederholung',
  formula:
    'Geholfen = Entscheidungen, nach denen die Nachricht ankam und nicht wieder fehlschlug / alle Entscheidungen dieser Art. Warten hat geholfen, wenn die Aufgabe vor Ablauf der Zeit erledigt war. Hier gezählt: {looked}, aus den neuesten Ausnahmen dieser Ursache, dieses Codes im selben Flow und dieses Codes (je 200) und aus den neuesten 200 erledigten Aufgaben.',
  draft: 'Entwurf eines Sprachmodells',
  ask: 'Entwurf schreiben lassen',
  asking: 'Das Modell schreibt …',
  draftHelp:
    'Fragt {model} nach einer Zusammenfassung. Gesendet werden Codes, Zeiten, Anzahlen und Schritte, ohne Namen, Adressen und Texte von Nachrichten. Der Entwurf bewirkt von selbst nichts und kann falsch sein.',
  draftMade:
    'Entwurf eines Modells ({model}), angefordert von {by}. Er kann falsch sein: Sehen Sie nach, worauf jeder Satz beruht.',
  draftEmpty: 'Es blieb nichts übrig: Kein Satz des Modells beruhte auf einem Schritt, der hier bekannt ist.',
  dropped: {
    one: '{count} Satz wurde weggelassen: Er beruhte auf nichts Bekanntem.',
    other: '{count} Sätze wurden weggelassen: Sie beruhten auf nichts Bekanntem.',
  },
  restsOn: 'Beruht auf',
  helpRest: 'früher: {what}',
};
