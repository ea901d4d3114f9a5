/** Who may log in, as what, which logins are open, and the tokens of this hub. */
import type { ListedSession } from '../../../node-red/session-book.ts';
import type { ListedToken } from '../../../node-red/tokens.ts';
import type { UsersPage } from '../../../node-red/tower/users.ts';
import type { ListedUser } from '../../../node-red/user-changes.ts';
import { ApiError, post } from '../kit/api.ts';
import { dateTime } from '../kit/format.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { Table, type Column } from '../kit/table.ts';
import { t, teamName } from '../kit/text.ts';
import { UserDialog } from './users-change.ts';

function Users(): View {
  const { data, error, refresh } = usePolled<UsersPage>('/users', 15);
  const [chosen, choose] = useState<ListedUser | 'new'>();
  const [failed, fail] = useState<ApiError>();
  const end = async (username: string, session: string): Promise<void> => {
    fail(undefined);
    try {
      await post('/users/end', { username, session });
    } catch (thrown) {
      fail(thrown as ApiError);
    }
    await refresh();
  };
  return html`<${Title} text=${t('users.nav')}>
      <button type="button" class="primary" onClick=${() => choose('new')}>${t('users.add')}</button>
    <//>
    <p>${t('users.explained')}</p>
    <${Fault} error=${failed ?? error} retry=${refresh} />
    ${!data && !error && html`<${Loading} />`}
    ${
      data &&
      html`<${Table}
          caption=${t('users.nav')}
          columns=${userColumns(data, choose)}
          rows=${data.rows}
          rowKey=${({ username }: ListedUser) => username}
          empty=""
        />
        <h2>${t('users.sessions')}</h2>
        <${Table}
          caption=${t('users.sessions')}
          columns=${sessionColumns(end)}
          rows=${data.sessions}
          rowKey=${({ id }: ListedSession) => id}
          empty=${t('users.noSessions')}
          sortAs="sessions"
        />
        <h2>${t('users.tokens')}</h2>
        <p class="small">${t('users.tokensHelp')}</p>
        <${Table}
          caption=${t('users.tokens')}
          columns=${tokenColumns()}
          rows=${data.tokens}
          rowKey=${({ name }: ListedToken) => name}
          empty=${t('users.noTokens')}
          sortAs="tokens"
        />`
    }
    ${
      chosen &&
      data &&
      html`<${UserDialog}
        user=${chosen === 'new' ? undefined : chosen}
        page=${data}
        onClose=${() => {
          choose(undefined);
          void refresh();
        }}
      />`
    }`;
}

function userColumns({ sessions }: UsersPage, choose: (one: ListedUser) => void): Column<ListedUser>[] {
  return [
    { id: 'name', text: t('users.name'), value: ({ username }) => username },
    { id: 'role', text: t('users.role'), value: ({ role }) => [role].flat().join(', ') },
    { id: 'teams', text: t('users.teams'), value: ({ teams = [] }) => teams.map(teamName).join(', ') },
    {
      id: 'state',
      text: t('users.state'),
      value: ({ disabled, meet = [] }) =>
        [
          disabled ? t('users.disabled') : t('users.active'),
          meet.length > 0 && t('users.meet', { rules: meet.join(', ') }),
        ]
          .filter(Boolean)
          .join('; '),
    },
    {
      id: 'open',
      text: t('users.open'),
      numeric: true,
      value: ({ username }) => sessions.filter(({ user }) => user === username).length,
    },
    {
      id: 'do',
      text: t('users.change'),
      value: () => '',
      view: (user) =>
        html`<button
          type="button"
          onClick=${() => choose(user)}
          aria-label=${t('users.changeOne', { name: user.username })}
        >
          ${t('users.change')}
        </button>`,
    },
  ];
}

/** Two people may have the same name. */
const called = ({ user, name }: ListedSession): string => (name ? `${name} (${user})` : user);

function sessionColumns(end: (username: string, id: string) => Promise<void>): Column<ListedSession>[] {
  return [
    { id: 'user', text: t('users.name'), value: called },
    { id: 'from', text: t('users.from'), value: ({ from }) => from },
    {
      id: 'began',
      text: t('users.began'),
      value: ({ began }) => began,
      view: ({ began }) => dateTime(began),
    },
    { id: 'used', text: t('users.used'), value: ({ used }) => used, view: ({ used }) => dateTime(used) },
    {
      id: 'end',
      text: t('users.end'),
      value: () => '',
      view: (one) =>
        html`<button
          type="button"
          onClick=${() => end(one.user, one.id)}
          aria-label=${t('users.endOne', { name: called(one) })}
        >
          ${t('users.end')}
        </button>`,
    },
  ];
}

function tokenColumns(): Column<ListedToken>[] {
  return [
    { id: 'name', text: t('users.name'), value: ({ name }) => name },
    {
      id: 'scope',
      text: t('users.scope'),
      value: ({ scope, person }) => [scope, person].filter(Boolean).join(', '),
    },
    { id: 'in', text: t('users.in'), value: (token) => token.in },
    {
      id: 'until',
      text: t('users.until'),
      value: ({ expires }) => expires ?? '',
      view: ({ expires, state }) =>
        html`${expires && dateTime(expires)}${' '}
        ${state !== 'valid' && html`<strong>${t(`users.token.${state}`)}</strong>`}`,
    },
    {
      id: 'used',
      text: t('users.used'),
      value: ({ used }) => used,
      view: ({ used }) => used && dateTime(used),
    },
  ];
}

export const page: Page = {
  path: '/tower/users',
  nav: { text: 'users.nav', order: 95 },
  needs: 'crossdock.users',
  view: Users,
};
