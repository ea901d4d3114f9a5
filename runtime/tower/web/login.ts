/** The login: at a provider where the hub has one, and by the hub's own names and passwords. */
import { html, useEffect, useRef, useState, type View } from './kit/html.ts';
import { LanguageChoice } from './language.ts';
import { logIn, session, type LoginAnswer, type LoginResult, type Session } from './kit/session.ts';
import { useSignal } from './kit/signal.ts';
import { t, textOf } from './kit/text.ts';
import { SignOnWay, takeReturned, useSignOn } from './sign-on.ts';

const icon = new URL('icon.svg', import.meta.url).pathname;

export function Login({ onIn }: { onIn(): Promise<void> }): View {
  const { ended, me } = useSignal(session);
  const signOn = useSignOn();
  const [{ why, back }] = useState(takeReturned);
  useEffect(() => {
    const before = document.title;
    const own = t('login.tab');
    document.title = own;
    return () => {
      if (document.title === own) document.title = before;
    };
  }, []);
  const away = signOn?.away === true || why === 'SIGN_ON_AWAY';
  // Where the way here began in the editor, it ends there.
  const enter = async (): Promise<void> => (back ? location.replace(back) : onIn());
  return html`<main class="login">
    <div class="card">
      <h1><img src=${icon} alt="" width="32" height="32" /> ${t('login.title')}</h1>
      ${ended && !why && html`<p class="notice" role="status">${endedBy(ended)}</p>`}
      ${
        signOn?.on &&
        html`<${SignOnWay} away=${away} why=${why} back=${back} over=${me !== undefined} />
          <details open=${away}>
            <summary>${t('login.glass')}</summary>
            <${ByPassword} onIn=${enter} help=${t('login.glassHelp')} />
          </details>`
      }
      ${
        signOn?.on === false &&
        html`<${ByPassword} onIn=${enter} first />
          <p class="small">${t('login.help')}</p>`
      }
    </div>
    <${LanguageChoice} />
  </main>`;
}

interface ByPasswordProps {
  onIn(): Promise<void>;
  help?: string;
  /** The cursor is there. */
  first?: boolean;
}

function ByPassword({ onIn, help, first = false }: ByPasswordProps): View {
  const [told, tell] = useState('');
  const [busy, setBusy] = useState(false);
  const name = useRef<HTMLInputElement>(null);
  useEffect(() => void (first && name.current?.focus()), []);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    setBusy(true);
    tell('');
    const answer = await logIn(String(form.get('username')), String(form.get('password')));
    if (answer.result === 'in') return onIn();
    setBusy(false);
    tell(sentence(answer.result, answer));
  };
  return html`<form onSubmit=${submit}>
    ${help && html`<p class="small">${help}</p>`} ${told && html`<p class="fault" role="alert">${told}</p>`}
    <label
      >${t('login.name')}
      <input ref=${name} name="username" autocomplete="username" autocapitalize="none" required
    /></label>
    <label
      >${t('login.password')} <input name="password" type="password" autocomplete="current-password" required
    /></label>
    <button class="primary" disabled=${busy}>${busy ? t('login.busy') : t('login.submit')}</button>
  </form>`;
}

function endedBy(ended: NonNullable<Session['ended']>): string {
  return ended === 'expired' ? t('login.expired') : t('login.left');
}

function sentence(result: Exclude<LoginResult, 'in'>, { seconds = 0, code = '' }: LoginAnswer): string {
  if (result === 'throttled') return t('login.throttled', { count: Math.max(1, Math.ceil(seconds / 60)) });
  return (result === 'wrong' && textOf(`faults.${code}`)) || t(`login.${result}`);
}
