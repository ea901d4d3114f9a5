/** Names that leave the house as P1, O1 and S1, and what they stand for, which stays here. */

/** A partner, an order, an article. */
export type AliasKind = 'P' | 'O' | 'S';

export interface Aliases {
  /** The same for the same value; undefined for none. */
  of(kind: AliasKind, value: string): string | undefined;
  /** With the real names again. */
  back(text: string): string;
}

export function openAliases(): Aliases {
  const known = new Map<string, string>();
  const meant = new Map<string, string>();
  return {
    of(kind, value) {
      if (value.trim() === '') return undefined;
      const key = `${kind}${value}`;
      const found = known.get(key);
      if (found !== undefined) return found;
      const alias = `${kind}${[...known.keys()].filter((one) => one.startsWith(kind)).length + 1}`;
      known.set(key, alias);
      meant.set(alias, value);
      return alias;
    },
    back: (text) => text.replace(/\b[POS][0-9]{1,3}\b/g, (alias) => meant.get(alias) ?? alias),
  };
}
