/** Adds a user, or changes one: roles, teams, whether they are let in, a new password, and the end of their logins. */
import type { UsersPage } from '../../../node-red/tower/users.ts';
import type { ListedUser } from '../../../node-red/user-changes.ts';
import { ApiError, post } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { t, teamName } from '../kit/text.ts';

interface UserDialogProps {
  /** Undefined: a new one. */
  user: ListedUser | undefined;
  page: UsersPage;
  onClose(): void;
}

export function UserDialog({ user, page, onClose }: UserDialogProps): View {
  const [failed, fail] = useState<ApiError>();
  const [password, setPassword] = useState('');
  const title = user ? t('users.changeOne', { name: user.username }) : t('users.add');
  const call = async (path: string, body: object): Promise<void> => {
    fail(undefined);
    try {
      const answer = await post<{ password?: string }>(`/users/${path}`, body);
      if (answer.password) setPassword(answer.password);
      else onClose();
    } catch (error) {
      fail(error as ApiError);
    }
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = { role: form.getAll('role').map(String), teams: form.getAll('team').map(String) };
    if (user) void call('change', { ...said, username: user.username, disabled: form.has('disabled') });
    else void call('add', { ...said, username: String(form.get('username')) });
  };
  if (password)
    return html`<${Dialog} title=${title} onClose=${onClose}>
      <p>${t('users.once')}</p>
      <p><code class="once">${password}</code></p>
      <button type="button" class="primary" onClick=${onClose}>${t('users.done')}</button>
    <//>`;
  return html`<${Dialog} title=${title} onClose=${onClose}>
    <form onSubmit=${submit}>
      ${!user && html`<label>${t('users.name')}<input name="username" required autocapitalize="none" autocomplete="off" /></label>`}
      <${Roles} user=${user} page=${page} />
      <${Teams} user=${user} page=${page} />
      ${
        user &&
        html`<label class="check"
          ><input type="checkbox" name="disabled" defaultChecked=${user.disabled} />
          ${t('users.disable')}</label
        >`
      }
      ${failed && failed.code === 'CONFIG_INVALID' ? html`<p class="fault" role="alert">${failed.message}</p>` : html`<${Fault} error=${failed} />`}
      <div class="buttons">
        <button class="primary">${user ? t('users.save') : t('users.add')}</button>
        ${
          user &&
          html`<button type="button" onClick=${() => call('reset', { username: user.username })}>
              ${t('users.reset')}
            </button>
            <button type="button" onClick=${() => call('end', { username: user.username })}>
              ${t('users.endAll')}
            </button>`
        }
      </div>
    </form>
  <//>`;
}

function Roles({ user, page }: Pick<UserDialogProps, 'user' | 'page'>): View {
  const theirs = new Set([user?.role ?? 'viewer'].flat().map((one) => (one === 'admin' ? 'it' : one)));
  return html`<fieldset>
    <legend>${t('users.role')}</legend>
    ${page.roles.map(
      ({ name, summary }) =>
        html`<label class="check" key=${name}
          ><input type="checkbox" name="role" value=${name} defaultChecked=${theirs.has(name)} />
          <strong>${name}</strong>${' '}<span class="small">${summary}</span></label
        >`,
    )}
  </fieldset>`;
}

function Teams({ user, page }: Pick<UserDialogProps, 'user' | 'page'>): View {
  const teams = [...new Set([...page.teams, ...(user?.teams ?? [])])];
  return html`<fieldset>
    <legend>${t('users.teams')}</legend>
    ${teams.map(
      (name) =>
        html`<label class="check" key=${name}
          ><input type="checkbox" name="team" value=${name} defaultChecked=${user?.teams?.includes(name)} />
          ${teamName(name)}</label
        >`,
    )}
  </fieldset>`;
}
