/** Was schiefging, nach Code. */
import type { Like } from '../wording.ts';
import type { faults as english } from '../en/faults.ts';

export const faults: Like<typeof english> = {
  LETTER_CHANGED:
    'Sie ist wieder gescheitert, seit Sie hinsahen: Laden Sie die Seite neu und entscheiden Sie dann.',
  LETTER_UNKNOWN: 'Diese Ausnahme gibt es nicht. Der Link ist vielleicht alt: Suchen Sie ihre Bestellung.',
  UNREACHABLE:
    'Der Hub antwortet nicht. Was Sie sehen, ist vielleicht alt. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  LOGIN_MISSING: 'Ihre Anmeldung ist abgelaufen. Melden Sie sich wieder an.',
  PERMISSION_MISSING:
    'Ihre Rolle erlaubt das nicht. Fragen Sie jemanden aus Ihrem Team, der es darf, oder die Betreiber des Hubs.',
  PROCESS_UNKNOWN:
    'So heißt hier nichts. Suchen Sie nach einer anderen Nummer: der des Partners, des Kunden oder der in Odoo. Die Taste / führt zur Suche.',
  STORE_UNAVAILABLE:
    'Das Journal ist gerade nicht lesbar. Versuchen Sie es in einer Minute noch einmal; bleibt es so, sagen Sie es der IT.',
  ROUTE_UNKNOWN: 'Diese Seite ist älter als der Hub. Laden Sie sie neu.',
  RATE_LIMITED: 'Zu viele Anfragen auf einmal. Warten Sie eine Minute und versuchen Sie es dann noch einmal.',
  INTERNAL:
    'Im Hub ging etwas schief. Versuchen Sie es noch einmal; bleibt es so, nennen Sie der IT die Nummer im Protokoll.',
  REPLAY_CHANGED:
    'Die Nachrichten sind nicht mehr, wie sie beim Planen waren: einige wurden erneut gesendet, verworfen oder sind neu gescheitert. Planen Sie noch einmal: der neue Plan lässt aus, was erledigt ist. Nichts wurde gesendet.',
  REPLAY_RUNNING:
    'Einige dieser Nachrichten sind in einer anderen Wiederholung, die läuft. Warten Sie auf ihr Ende, oder brechen Sie sie ab.',
  REPLAY_STATE: 'Jemand war schneller: die Wiederholung steht jetzt anders. Sehen Sie nach, wie sie steht.',
  REPLAY_UNKNOWN: 'Diese Wiederholung gibt es nicht. Nehmen Sie sie aus der Liste der Wiederholungen.',
  DUTIES_MEET:
    'Diese Rollen dürfen nicht eine Person sein: Zusammen haben sie beide Seiten einer Regel der Rollen.',
  FOUR_EYES: 'Sie haben es geplant oder verlangt. Jemand anderes muss zustimmen.',
  TRIAGE_OFF: 'Dieser Hub fragt kein Sprachmodell. Arbeiten Sie mit dem, was hier auch ohne steht.',
  TRIAGE_BUSY:
    'Ein anderer Entwurf wird gerade geschrieben, oder es wurden zu viele angefordert. Warten Sie eine Minute und versuchen Sie es erneut.',
  TRIAGE_UNREACHABLE: 'Das Sprachmodell antwortet nicht. Alles andere auf dieser Seite gilt auch ohne es.',
  TRIAGE_REFUSED:
    'Das Sprachmodell lehnt die Frage ab. Sagen Sie es der IT; alles andere auf dieser Seite gilt auch ohne es.',
  TRIAGE_ANSWER_INVALID:
    'Das Sprachmodell hat nichts Brauchbares geliefert. Versuchen Sie es erneut, oder arbeiten Sie ohne es.',
  SIGN_ON_AWAY:
    'Die Stelle, an der Sie sich anmelden, antwortet nicht. Versuchen Sie es in ein paar Minuten noch einmal; bleibt es so, sagen Sie es den Betreibern.',
  SIGN_ON_STATE:
    'Diese Anmeldung hat zu lange gedauert oder wurde anderswo begonnen. Melden Sie sich noch einmal an.',
  SIGN_ON_DENIED:
    'Die Stelle, an der Sie sich anmelden, hat abgelehnt oder Ihre Anmeldung beendet. Melden Sie sich noch einmal an; bleibt es so, fragen Sie, wer Ihr Konto betreut.',
  SIGN_ON_UNVERIFIED:
    'Was die Stelle sagte, an der Sie sich anmelden, war nicht vertrauenswürdig; Sie sind nicht angemeldet. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es den Betreibern.',
  SIGN_ON_NO_ROLE:
    'Sie sind bekannt, aber keine Ihrer Gruppen darf diesen Hub benutzen. Fragen Sie die Betreiber nach der Gruppe, die Sie brauchen.',
  SIGN_ON_ONLY: 'Dieser Name hat hier kein Passwort. Melden Sie sich mit Single Sign-on an.',
};
