/** Die Anmeldung. */
import type { Like } from '../wording.ts';
import type { login as english } from '../en/login.ts';

export const login: Like<typeof english> = {
  tab: 'Anmelden · Crossdock',
  title: 'Crossdock-Leitstand',
  name: 'Name',
  password: 'Passwort',
  submit: 'Anmelden',
  busy: 'Wird angemeldet …',
  help: 'Ihre Anmeldung richten die Betreiber dieses Hubs ein. Fragen Sie dort, wenn Sie keine haben oder das Passwort vergessen haben.',
  expired: 'Ihre Anmeldung ist abgelaufen. Melden Sie sich wieder an: Sie kommen auf dieselbe Seite zurück.',
  left: 'Sie sind abgemeldet.',
  wrong: 'Name oder Passwort ist falsch. Achten Sie auf Großbuchstaben.',
  throttled: {
    one: 'Zu viele Fehlversuche. Warten Sie eine Minute und versuchen Sie es dann noch einmal.',
    other: 'Zu viele Fehlversuche. Warten Sie {count} Minuten und versuchen Sie es dann noch einmal.',
  },
  failed:
    'Der Hub konnte Ihre Anmeldung nicht prüfen. Versuchen Sie es noch einmal; bleibt es so, sagen Sie es den Betreibern.',
  unreachable: 'Der Hub antwortet nicht. Prüfen Sie Ihre Verbindung und versuchen Sie es noch einmal.',
  signOn: 'Mit Single Sign-on anmelden',
  signOnAgain: 'Single Sign-on noch einmal versuchen',
  signOnOver:
    'Das öffnet sich in einem anderen Tab. Diese Seite bleibt, wie sie ist, und geht weiter, sobald Sie angemeldet sind.',
  away: 'Single Sign-on ist nicht erreichbar: Die Stelle, an der Sie sich anmelden, antwortet nicht. Versuchen Sie es in ein paar Minuten noch einmal. Wenn es eilt, fragen Sie die Betreiber des Hubs.',
  glass: 'Notfall-Anmeldung',
  glassHelp:
    'Für den einen Benutzer, der hier ein Passwort hat. Jede Verwendung erfahren die Betreiber des Hubs.',
};
