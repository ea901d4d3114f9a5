/** Where a browser goes after the login: a page of the hub, and nowhere else. */

const home = '/tower';

/** Path, query and fragment of the same origin; the tower where the address leads anywhere else. */
export function safeBack(asked: unknown, origin: string): string {
  // A browser reads a backslash as a slash, and leaves tabs and line ends out.
  if (typeof asked !== 'string' || asked.length > 2000 || !/^\/(?![/\\])[^\\\p{Cc}]*$/u.test(asked))
    return home;
  const url = URL.parse(asked, origin);
  // Without a host in front: what stands after the slash may become one once dots are resolved.
  if (!url || url.origin !== origin || url.pathname.startsWith('//')) return home;
  return url.pathname.startsWith('/auth/') ? home : `${url.pathname}${url.search}${url.hash}`;
}
