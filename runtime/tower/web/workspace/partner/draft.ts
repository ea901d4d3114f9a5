/** What a person has said of a new partner so far: kept in this tab while they go back and forth, without the secret. */
import type { Looked, PathOf } from '../../../../workspace/partner/guide.ts';
import type { Ids } from '../../../../workspace/partner/ids.ts';
import type { Sends } from '../../../../workspace/partner/kinds.ts';
import type { From, Row } from '../../../../workspace/partner/row.ts';
import type { Signing } from '../../../../workspace/partner/signing.ts';
import { useEffect, useState } from '../../kit/html.ts';
import { pathOf } from '../../shared/naming.ts';

export interface Draft {
  title: string;
  name: string;
  owner: string;
  sends: Sends;
  /** As pasted. */
  text: string;
  /** As it was signed. */
  body: string;
  signing?: Signing;
  /** The request does not prove the signing, which a person said. */
  unproved?: boolean;
  /** How it is signed, as a person says it. */
  hand: Record<string, string>;
  tried?: Pick<Looked, 'tried' | 'hint'>;
  path: string;
  ids?: Ids;
  id: string[];
  number: string[];
  paths: PathOf[];
  rows: Row[];
  from: Record<string, From>;
  /** Targets that a person has looked at. */
  looked: string[];
  made: boolean;
}

const blank: Draft = {
  title: '',
  name: '',
  owner: 'order-desk',
  sends: 'orders',
  text: '',
  body: '',
  hand: {},
  path: '',
  id: [],
  number: [],
  paths: [],
  rows: [],
  from: {},
  looked: [],
  made: false,
};
const place = 'crossdock-new-partner';
/** Stands for the secret in a text that is kept. */
export const mark = '⟦…⟧';

export type Change = (change: Partial<Draft>) => void;

/** The draft, how it is changed, and how one begins anew. It is this user's, and goes when they log out or it is made. */
export function useDraft(secret: string, user: string): [Draft, Change, () => void] {
  const key = `${place} ${user}`;
  const [draft, set] = useState<Draft>(() => kept(key));
  useEffect(() => {
    if (draft.made) return sessionStorage.removeItem(key);
    const safe = (text: string): string => (secret === '' ? text : text.replaceAll(secret, mark));
    // A request that is too large for the tab is kept on the page only.
    try {
      sessionStorage.setItem(key, JSON.stringify({ ...draft, text: safe(draft.text) }));
    } catch {
      sessionStorage.removeItem(key);
    }
  }, [draft, secret]);
  return [draft, (change) => set((before) => ({ ...before, ...change })), () => set(blank)];
}

function kept(key: string): Draft {
  // Where it was before, whoever it was of.
  localStorage.removeItem(place);
  try {
    return { ...blank, ...(JSON.parse(sessionStorage.getItem(key) ?? '{}') as Partial<Draft>) };
  } catch {
    return blank;
  }
}

/** With a path that was made of the name and of what it sends, while it is that. */
export function renamed(
  draft: Draft,
  change: Partial<Pick<Draft, 'title' | 'name' | 'sends'>>,
): Partial<Draft> {
  const { name, sends } = { ...draft, ...change };
  const isMade = draft.path === pathOf(draft.name, draft.sends);
  return { ...change, ...(isMade && { path: pathOf(name, sends) }) };
}

/** What the hub is told. */
export function choicesOf({ name, title, owner, sends, path, signing, id, number, from }: Draft): object {
  return { name, title: title.trim(), owner, sends, path, signing, id, number, from };
}

export const typed = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
