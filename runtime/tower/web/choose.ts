/** Who has a password that another made chooses their own before anything else. */
import { ApiError, post } from './kit/api.ts';
import { html, useState, type View } from './kit/html.ts';
import { Fault } from './kit/page.ts';
import { logIn } from './kit/session.ts';
import { t } from './kit/text.ts';

export function Choose({ user, onIn }: { user: string; onIn(): Promise<void> }): View {
  const [failed, fail] = useState<ApiError>();
  const [differs, setDiffers] = useState(false);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const password = String(form.get('password'));
    setDiffers(password !== form.get('again'));
    if (password !== form.get('again')) return;
    try {
      await post('/me/password', { password });
      await logIn(user, password);
      await onIn();
    } catch (error) {
      fail(error as ApiError);
    }
  };
  return html`<main class="login">
    <form onSubmit=${submit}>
      <h1>${t('users.choose')}</h1>
      <p>${t('users.chooseHelp')}</p>
      ${differs && html`<p class="fault" role="alert">${t('users.differs')}</p>`}
      ${failed && failed.code === 'CONFIG_INVALID' ? html`<p class="fault" role="alert">${failed.message}</p>` : html`<${Fault} error=${failed} />`}
      <input type="hidden" name="username" autocomplete="username" value=${user} />
      <label
        >${t('users.newPassword')}
        <input name="password" type="password" autocomplete="new-password" minlength="12" required
      /></label>
      <label
        >${t('users.again')}
        <input name="again" type="password" autocomplete="new-password" minlength="12" required
      /></label>
      <button class="primary">${t('users.save')}</button>
    </form>
  </main>`;
}
