/** The tower's page of users: who may log in, as what, which logins are open, and the tokens of this hub. */
import { Router, type Request, type RequestHandler } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import { answering, onlyJson, permitted, reader } from '../routes.ts';
import type { ListedSession } from '../session-book.ts';
import { listTokens, type ListedToken } from '../tokens.ts';
import type { ListedUser } from '../user-changes.ts';
import type { Tower } from './tower.ts';

export interface UsersPage {
  rows: ListedUser[];
  sessions: ListedSession[];
  tokens: ListedToken[];
  roles: { name: string; summary: string }[];
  teams: string[];
}

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 100 });
const roles = Type.Array(word, { minItems: 1, maxItems: 20 });
const teams = Type.Array(word, { maxItems: 50 });
const readInvited = reader(Type.Object({ username: word, role: roles, teams }, closed));
const readChange = reader(
  Type.Object({ username: word, role: roles, teams, disabled: Type.Boolean() }, closed),
);
const readWho = reader(Type.Object({ username: word }, closed));
const readEnd = reader(Type.Object({ username: word, session: Type.Optional(word) }, closed));

/** Below `/tower/api/users`. */
export function usersRoutes({ hub, users, dataDir }: Tower): Router {
  const router = Router();
  const keeps = permitted('crossdock.users');
  const doing = (path: string, work: (request: Request) => Promise<unknown>): void => {
    const handler: RequestHandler = answering(hub.log, async (request) => (await work(request)) ?? {});
    router.post(path, keeps, onlyJson, handler);
  };
  router.get(
    '/',
    keeps,
    answering(hub.log, async () => {
      const known = users.roles().roles;
      return {
        rows: await users.list(),
        sessions: await users.sessions(),
        tokens: await listTokens(dataDir),
        roles: [...known].map(([name, { summary }]) => ({ name, summary })),
        teams: [...hub.ownership.teams.keys()],
      } satisfies UsersPage;
    }),
  );
  doing('/add', async ({ body }) => {
    const { username, role, teams: of } = readInvited(body);
    const all = await users.list();
    if (all.some((one) => one.username === username)) throw taken(username);
    return { password: await users.invite(username, oneOf(role), of) };
  });
  doing('/change', async ({ body }) => {
    const { username, role, ...rest } = readChange(body);
    await users.change(username, { ...rest, role: oneOf(role) });
  });
  doing('/reset', async ({ body }) => {
    const { username } = readWho(body);
    const found = (await users.list()).find((one) => one.username === username);
    if (!found) throw new CodedError('REQUEST_INVALID', 'There is no such user');
    return { password: await users.invite(username, found.role, found.teams) };
  });
  doing('/end', ({ body }) => {
    const { username, session } = readEnd(body);
    return users.endSessions(username, session);
  });
  return router;
}

/** One stands as it is: most have one. */
function oneOf(all: readonly string[]): string | readonly string[] {
  return all.length === 1 ? all[0]! : all;
}

function taken(username: string): CodedError {
  return new CodedError('REQUEST_INVALID', `${username} is a user of this hub already`);
}
