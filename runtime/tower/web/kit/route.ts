/** Addresses: what the page shows stands in the URL, so that it can be sent to somebody and gone back to. */
import { hrefOf } from './address.ts';
import { html, type View } from './html.ts';
import { signal, useSignal } from './signal.ts';

export interface Route {
  path: string;
  query: URLSearchParams;
}

const here = (): Route => ({ path: location.pathname, query: new URLSearchParams(location.search) });
const place = signal<Route>(here());

export function useRoute(): Route {
  return useSignal(place);
}

export function navigate(href: string, { replace = false } = {}): void {
  if (replace) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  place.set(here());
}

/** Links of the tower and the workspace change the page without loading it anew; `followed` hears of each. Called once. */
export function followLinks(followed: () => void): void {
  addEventListener('popstate', () => {
    followed();
    place.set(here());
  });
  document.addEventListener('click', (event) => {
    const link = (event.target as Element | null)?.closest?.('a[href]');
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented || event.button !== 0) return;
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
    if (!/^\/(tower|workspace)(\/|$)/.test(link.pathname)) return;
    // To another place on the same page.
    if (link.hash && link.pathname === location.pathname) return;
    event.preventDefault();
    followed();
    navigate(link.pathname + link.search);
  });
}

export function Link({
  href,
  class: name,
  children,
}: {
  href: string;
  class?: string;
  children?: View;
}): View {
  const { path } = useRoute();
  const current = path === href.replace(/\?.*/, '') ? 'page' : undefined;
  return html`<a href=${href} class=${name} aria-current=${current}>${children}</a>`;
}

export type Filter<Name extends string> = Record<Name, string>;

/** Values in the URL, `''` where there is none; setting one changes the URL and leaves the others. */
export function useFilter<Name extends string>(
  ...names: Name[]
): [Filter<Name>, (change: Partial<Filter<Name>>) => void] {
  const { query } = useRoute();
  const filter = Object.fromEntries(names.map((name) => [name, query.get(name) ?? ''])) as Filter<Name>;
  const set = (change: Partial<Filter<Name>>): void => {
    const now = here();
    const all = { ...Object.fromEntries(now.query), ...change } as Record<string, string | undefined>;
    navigate(hrefOf(now.path, all), { replace: true });
  };
  return [filter, set];
}
