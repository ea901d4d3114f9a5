/** The login. Its token is where the editor keeps it, so that one login opens both. */
import type { Me } from '../../../node-red/tower/me.ts';
import { signal, useSignal } from './signal.ts';

export const place = 'auth-tokens';

export interface Session {
  /** Also when the login has expired: whose page waits behind the next one. */
  me?: Me;
  /** Why there is none any more. */
  ended?: 'expired' | 'left';
}

export const session = signal<Session>({});

export function token(): string | undefined {
  try {
    const kept = JSON.parse(localStorage.getItem(place) ?? 'null') as { access_token?: string } | null;
    return kept?.access_token;
  } catch {
    return undefined;
  }
}

export function forget(ended?: Session['ended']): void {
  localStorage.removeItem(place);
  // What a page has kept of somebody's work.
  if (ended === 'left') sessionStorage.clear();
  const { me } = session.get();
  session.set({ ...(ended && { ended }), ...(ended === 'expired' && me && { me }) });
}

/** How a login ended: well, or with the answer of the hub. */
export type LoginResult = 'in' | 'wrong' | 'throttled' | 'failed' | 'unreachable';

export interface LoginAnswer {
  result: LoginResult;
  /** Until the next try. */
  seconds?: number;
  /** Why, where the hub says more. */
  code?: string;
}

export async function logIn(username: string, password: string): Promise<LoginAnswer> {
  const form = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
  let answer: Response;
  try {
    answer = await fetch('/auth/token', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(form),
    });
  } catch {
    return { result: 'unreachable' };
  }
  if (answer.ok) {
    localStorage.setItem(place, await answer.text());
    return { result: 'in' };
  }
  if (answer.status === 429)
    return { result: 'throttled', seconds: Number(answer.headers.get('retry-after') ?? 600) };
  const { code = '' } = (await answer.json().catch(() => ({}))) as { code?: string };
  return { result: answer.status < 500 ? 'wrong' : 'failed', code };
}

export async function logOut(): Promise<void> {
  const held = token();
  forget('left');
  if (!held) return;
  const answer = await fetch('/auth/revoke', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${held}` },
    body: JSON.stringify({ token: held }),
  }).catch(() => undefined);
  // To where the login at the provider ends.
  const { redirect } = (await answer?.json().catch(() => ({}))) ?? {};
  if (redirect) location.assign(redirect);
}

export function useMe(): Me | undefined {
  return useSignal(session).me;
}

/** Of the one logged in. The hub decides; this only hides what it would refuse. */
export function may(permission: `crossdock.${string}`): boolean {
  return session.get().me?.permissions.includes(permission) ?? false;
}
