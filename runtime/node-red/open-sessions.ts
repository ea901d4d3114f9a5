/** Which logins are open, and their end. */
import { audited, type Auditing } from '../audit/audited.ts';
import { processActor } from '../audit/from.ts';
import { CodedError } from '../errors/coded-error.ts';
import { isOfSignOn } from '../sign-on/identity.ts';
import { isEnded, listSessions, withEnded, type ListedSession, type SessionBook } from './session-book.ts';
import type { SessionLimits } from './session-limits.ts';
import type { BreakGlass } from './sign-on/break-glass.ts';
import { endPerson, type followPeople } from './sign-on/people.ts';
import type { SignOn } from './sign-on/sign-on.ts';
import { invalid } from './login-rules.ts';
import type { UsersFile } from './user-changes.ts';
import { readUsers } from './users-file.ts';

export interface OpenSessions {
  /** Those that are open, the one used last first. */
  sessions(): Promise<ListedSession[]>;
  /** Ends all of one user, or one; of sign-on too. Throws CONFIG_INVALID for nobody, and SESSION_UNKNOWN. */
  endSessions(username: string, id?: string): Promise<void>;
}

interface Around {
  dataDir: string;
  limits: SessionLimits;
  book: SessionBook;
  people: ReturnType<typeof followPeople>;
  signOn: SignOn | undefined;
  breakGlass: BreakGlass | undefined;
  audit: Auditing | undefined;
}

export function openSessions(
  file: UsersFile,
  { dataDir, limits, book, people, signOn, breakGlass, audit }: Around,
): OpenSessions {
  const sessions = async (): Promise<ListedSession[]> => {
    const stored = await readUsers(file.path);
    const known = people();
    const all = await listSessions(dataDir, limits, book);
    const open = all.filter(({ id, user: of, began }) => {
      const theirs = isOfSignOn(of) ? (known[of] ?? {}) : stored.get(of);
      if (!theirs || isEnded(theirs, id, Date.parse(began))) return false;
      // Only the hub itself knows whom the provider still knows.
      return isOfSignOn(of) ? (signOn?.has(of, id) ?? breakGlass !== undefined) : !stored.get(of)?.disabled;
    });
    return open.map((one) => ({ ...one, ...(known[one.user]?.name && { name: known[one.user]!.name }) }));
  };
  const endOfSignOn = async (username: string, id?: string): Promise<void> => {
    const open = (await sessions()).filter(({ user: of }) => of === username);
    if (id === undefined && open.length === 0 && !signOn?.has(username))
      throw invalid(`Nobody is in as ${username}`);
    if (id !== undefined && !open.some((one) => one.id === id)) throw sessionUnknown(username, id);
    const work = async () => {
      await endPerson(dataDir, username, (before) => withEnded(before, id, limits));
      signOn?.end(username, id);
    };
    const entry = { who: processActor(), act: 'session.end', object: `user/${username}` } as const;
    await (audit ? audited(audit, entry, work) : work());
  };
  return {
    sessions,
    endSessions(username, id) {
      return file.inTurn(async () => {
        if (isOfSignOn(username)) return endOfSignOn(username, id);
        const stored = await readUsers(file.path);
        const before = stored.get(username);
        if (!before) throw invalid(`Nobody is called ${username} here`);
        const open = await listSessions(dataDir, limits, book);
        if (id !== undefined && !open.some((one) => one.id === id && one.user === username))
          throw sessionUnknown(username, id);
        await file.keep(stored, username, { ...before, ...withEnded(before, id, limits) }, 'session.end');
      });
    },
  };
}

function sessionUnknown(username: string, id: string): CodedError {
  return new CodedError('SESSION_UNKNOWN', `${username} has no session ${id}`);
}
