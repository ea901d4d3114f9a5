/** Die Anmeldung. */
import type { Like } from '../../kit/wording.ts';
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
};
