/** What a page is, and what stands on each: its title, and what went wrong. */
import type { OwnPermission } from '../../../roles/permissions.ts';
import type { ApiError } from './api.ts';
import { html, useEffect, useRef, type View } from './html.ts';
import { signal } from './signal.ts';
import { t, textOf } from './text.ts';
import type { Key } from '../texts/wording.ts';

export interface PageProps {
  /** Of the `:names` in the path. */
  params: Record<string, string>;
}

export interface Page {
  /** `/tower/orders/:process/:key`; the pages of who makes flows are below `/workspace`. */
  path: string;
  nav?: { text: Key; order: number };
  /** Who may not do this does not see the page; default `crossdock.read`. */
  needs?: OwnPermission;
  view(props: PageProps): View;
}

/** True once a person went to another page: its title takes the focus then, so that it is read aloud. */
export const arrived = signal(false);

interface TitleProps {
  text: string;
  /** Small, before it: what kind of thing this is. */
  kind?: string;
  children?: View;
}

/** The heading of the page, the name of its tab, and beside it what can be done here. */
export function Title({ text, kind, children }: TitleProps): View {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${text} · Crossdock`;
  }, [text]);
  useEffect(() => {
    if (arrived.get()) heading.current?.focus();
    arrived.set(false);
  }, []);
  return html`<header class="title">
    <div>
      ${kind && html`<p class="kind">${kind}</p>`}
      <h1 ref=${heading} tabindex="-1">${text}</h1>
    </div>
    ${children && html`<div class="actions">${children}</div>`}
  </header>`;
}

/** What went wrong in the words of the one who reads it; the hub's own where the catalogue has none. */
export function said({ code, message }: Pick<ApiError, 'code' | 'message'>): string {
  return textOf(`faults.${code}`) ?? message;
}

/** Nothing where there is no error. `retry` where asking again can help. */
export function Fault({ error, retry }: { error: ApiError | undefined; retry?(): void }): View {
  if (!error) return null;
  return html`<div class="fault" role="alert">
    <p>${said(error)}</p>
    <p class="small">
      ${error.status > 0 && html`<a href=${`/tower/codes/${error.code}`}>${error.code}</a>`}
      ${error.code === 'INTERNAL' && error.id && html` <span>${t('shell.logId', { id: error.id })}</span>`}
    </p>
    ${retry && html`<button type="button" onClick=${retry}>${t('shell.again')}</button>`}
  </div>`;
}

/** While the first answer is on its way. */
export function Loading(): View {
  return html`<p class="loading" role="status">${t('shell.loading')}</p>`;
}
