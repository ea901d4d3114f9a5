/** What is in a sample: every value with its path, as JSONata names it, and the lists it stands in. */

export type Plain = string | number | boolean | null;

export interface Leaf {
  /** `['order', 'items', 'sku']`, without the places in lists. */
  names: readonly string[];
  /** How many of the names lead to the list that it is in; 0 outside of any. */
  list: number;
  /** Of the first item of each list that has one. */
  value: Plain;
}

export interface List {
  names: readonly string[];
  /** Objects only. */
  items: readonly Record<string, unknown>[];
}

export interface Seen {
  leaves: readonly Leaf[];
  lists: readonly List[];
}

const most = 2000;

export function seenIn(body: unknown): Seen {
  const leaves: Leaf[] = [];
  const lists: List[] = [];
  walk(body, [], 0);
  return { leaves, lists };

  function walk(value: unknown, names: readonly string[], list: number): void {
    if (leaves.length >= most) return;
    if (Array.isArray(value)) return into(value, names);
    if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) walk(one, [...names, name], list);
    else {
      const known = leaves.find((leaf) => same(leaf.names, names));
      if (!known) leaves.push({ names, list, value: value as Plain });
      else if (known.value === null || known.value === '') known.value = value as Plain;
    }
  }

  function into(items: readonly unknown[], names: readonly string[]): void {
    const objects = items.filter(
      (one): one is Record<string, unknown> => typeof one === 'object' && one !== null,
    );
    if (objects.length === 0) return;
    lists.push({ names, items: objects });
    // A field that the first line lacks may stand in the second.
    for (const one of objects.slice(0, 20)) walk(one, names, names.length);
  }
}

export function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, at) => name === b[at]);
}

/** `order.'x-id'` in JSONata; from the list on where it is in one. */
export function pathText(names: readonly string[]): string {
  return names
    .map((name) => (/^[A-Za-z_]\w*$/.test(name) && !reserved.has(name) ? name : `\`${name}\``))
    .join('.');
}

const reserved = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** The value at these names; through lists, of the first item. */
export function valueAt(body: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>((value, name) => {
    const one = Array.isArray(value) ? (value as unknown[])[0] : value;
    return typeof one === 'object' && one !== null ? (one as Record<string, unknown>)[name] : undefined;
  }, body);
}
