/** How an address of the tower is read and written. */

/** `/orders/:process/:key` and its values; undefined where the path is another. */
export function matched(pattern: string, path: string): Record<string, string> | undefined {
  const [wanted, given] = [pattern.split('/'), path.split('/')];
  if (wanted.length !== given.length) return undefined;
  const values: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    const value = given[index] ?? '';
    if (!part.startsWith(':')) {
      if (part !== value) return undefined;
    } else if (value === '') return undefined;
    else values[part.slice(1)] = decoded(value);
  }
  return values;
}

/** The editor, open on this flow; `more` says what is shown of it there. */
export function editorOf(flow: string, more: Record<string, string | undefined> = {}): string {
  return hrefOf('/', { flow, ...more });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The address of a place with what is to be shown there; empty values are left out. */
export function hrefOf(path: string, query: Record<string, string | undefined> = {}): string {
  const kept = Object.entries(query).filter((entry): entry is [string, string] => Boolean(entry[1]));
  const text = new URLSearchParams(kept).toString();
  return text ? `${path}?${text}` : path;
}
