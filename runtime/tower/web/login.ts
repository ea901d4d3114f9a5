/** The login: the hub's own names and passwords. */
import { html, useEffect, useRef, useState, type View } from './kit/html.ts';
import { LanguageChoice } from './language.ts';
import { logIn, session, type LoginResult, type Session } from './kit/session.ts';
import { useSignal } from './kit/signal.ts';
import { t } from './kit/text.ts';

const icon = new URL('icon.svg', import.meta.url).pathname;

export function Login({ onIn }: { onIn(): Promise<void> }): View {
  const { ended } = useSignal(session);
  const [told, tell] = useState('');
  const [busy, setBusy] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const before = document.title;
    const own = t('login.tab');
    document.title = own;
    first.current?.focus();
    return () => {
      if (document.title === own) document.title = before;
    };
  }, []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    tell('');
    const { result, seconds = 0 } = await logIn(String(form.get('username')), String(form.get('password')));
    if (result === 'in') return onIn();
    setBusy(false);
    tell(sentence(result, Math.max(1, Math.ceil(seconds / 60))));
  };
  return html`<main class="login">
    <form onSubmit=${submit}>
      <h1><img src=${icon} alt="" width="32" height="32" /> ${t('login.title')}</h1>
      ${!told && ended && html`<p class="notice" role="status">${endedBy(ended)}</p>`}
      ${told && html`<p class="fault" role="alert">${told}</p>`}
      <label
        >${t('login.name')}
        <input ref=${first} name="username" autocomplete="username" autocapitalize="none" required
      /></label>
      <label
        >${t('login.password')}
        <input name="password" type="password" autocomplete="current-password" required
      /></label>
      <button class="primary" disabled=${busy}>${busy ? t('login.busy') : t('login.submit')}</button>
      <p class="small">${t('login.help')}</p>
    </form>
    <${LanguageChoice} />
  </main>`;
}

function endedBy(ended: NonNullable<Session['ended']>): string {
  return ended === 'expired' ? t('login.expired') : t('login.left');
}

function sentence(result: Exclude<LoginResult, 'in'>, count: number): string {
  return result === 'throttled' ? t('login.throttled', { count }) : t(`login.${result}`);
}
