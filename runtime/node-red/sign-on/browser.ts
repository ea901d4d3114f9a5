/** What a browser is told and asked in a login: cookies, and addresses of this hub. */
import type { Request, Response } from 'express';
import { pendingSeconds } from '../../sign-on/pending.ts';

const path = '/auth/sign-on';
export const ticketCookie = 'crossdock-sign-on-ticket';

export function cookieIn(request: Request, name: string): string | undefined {
  const all = (request.headers.cookie ?? '').split(/; */);
  const found = all.find((one) => one.startsWith(`${name}=`))?.slice(name.length + 1);
  return found && /^[\w-]{1,8000}$/.test(found) ? found : undefined;
}

/** `strict`: only pages of the hub send it. */
export function setCookie(
  response: Response,
  name: string,
  value: string,
  { secure, strict = false }: { secure: boolean; strict?: boolean },
): void {
  response.cookie(name, value, {
    path,
    httpOnly: true,
    secure,
    sameSite: strict ? 'strict' : 'lax',
    maxAge: pendingSeconds * 1000,
  });
}

export function dropCookie(response: Response, name: string): void {
  response.clearCookie(name, { path });
}

/** To the login page, which says why, and goes on to `back` after the next login. */
export function toLogin(response: Response, code: string, back: string): void {
  const fragment = new URLSearchParams({ 'sign-on': code, return: back });
  response.redirect(303, `/tower#${fragment}`);
}

export function queryOf({ originalUrl }: Request): string {
  const at = originalUrl.indexOf('?');
  return at < 0 ? '' : originalUrl.slice(at);
}

export function oneOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
