/** The values in a body that is no JSON, and the body with others in their place. */

export interface Piece {
  /** The names that lead to it, the nearest last. */
  names: string[];
  /** What an attribute calls it: `<field name="phone">`. */
  label?: string;
  path: string;
  value: string;
}

export interface Pieces {
  all: readonly Piece[];
  /** `values`: one for each piece. */
  render(values: readonly string[]): string;
}

/** A bare `name` says whose it is by nothing: here it is a person's. */
export function flat(name: string): string[] {
  const names = name.split(/[.[\]]+/).filter((part) => part !== '' && !/^\d+$/.test(part));
  return names.length === 1 && /^name$/i.test(names[0]!) ? ['person', 'name'] : names;
}
