/** Files that a page edits: what is changed and not saved stays until it is saved or undone, also on other pages. */
import type { Change, Checked, OpenFile, Saved } from '../../../workspace/files.ts';
import { ApiError, get, post } from '../kit/api.ts';
import { useEffect, useState } from '../kit/html.ts';
import { signal, useSignal } from '../kit/signal.ts';

interface Held {
  base: OpenFile;
  /** What is not saved: a whole text, or what the file is to say. */
  draft?: { text: string } | { value: unknown };
}

const held = signal<ReadonlyMap<string, Held>>(new Map());

function hold(path: string, one: Held | undefined): void {
  const next = new Map(held.get());
  if (one) next.set(path, one);
  else next.delete(path);
  held.set(next);
}

export interface EditedFile {
  path: string;
  /** Undefined until it is there. */
  base: OpenFile | undefined;
  /** What it says, with what is not saved; undefined where it cannot be read. */
  value: unknown;
  /** With what is not saved; of a changed value the text before, until it is saved. */
  text: string;
  dirty: boolean;
  error: ApiError | undefined;
  changeValue(value: unknown): void;
  changeText(text: string): void;
  /** As it stands in the file. */
  undo(): void;
}

/** A file that is not there yet can be changed and saved too. Nothing where the path is undefined. */
export function useFile(path: string | undefined): EditedFile | undefined {
  const all = useSignal(held);
  const [error, fail] = useState<ApiError>();
  useEffect(() => {
    fail(undefined);
    // What is not saved is compared with what it was made from.
    if (path === undefined || held.get().get(path)?.draft) return;
    reopen(path).catch((failed: ApiError) => fail(failed));
  }, [path]);
  useEffect(() => {
    const keep = (event: BeforeUnloadEvent): void => {
      if ([...held.get().values()].some(({ draft }) => draft)) event.preventDefault();
    };
    addEventListener('beforeunload', keep);
    return () => removeEventListener('beforeunload', keep);
  }, []);
  if (path === undefined) return undefined;
  const { base, draft } = all.get(path) ?? {};
  const change = (next: Held['draft']): void => {
    if (base) hold(path, { base, ...(next && { draft: next }) });
  };
  return {
    path,
    base,
    value: draft && 'value' in draft ? draft.value : base?.value,
    text: draft && 'text' in draft ? draft.text : (base?.text ?? ''),
    dirty: draft !== undefined,
    error,
    changeValue: (value) => change(same(value, base?.value) ? undefined : { value }),
    changeText: (text) => change(text === base?.text ? undefined : { text }),
    undo: () => change(undefined),
  };
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** As it stands in the file now; what was not saved goes. */
export async function reopen(path: string): Promise<void> {
  hold(path, { base: await get<OpenFile>(`/files/one?path=${encodeURIComponent(path)}`) });
}

/** Somebody else has saved the file since it was opened. */
export interface Conflict {
  path: string;
  before: string;
  mine: string;
  theirs: OpenFile;
}

export type Outcome =
  | { is: 'saved'; saved: Saved }
  | { is: 'refused'; error: ApiError; findings: Checked['refused'] }
  | { is: 'conflict'; conflicts: Conflict[] };

/** All that is changed of them, or nothing. */
export async function saveDrafts(paths: readonly string[]): Promise<Outcome> {
  let files: Change[] = [];
  try {
    files = await changesOf(paths);
    const saved = await post<Saved>('/files/save', { files });
    await Promise.all(files.map(({ path }) => reopen(path)));
    return { is: 'saved', saved };
  } catch (failed) {
    const error = failed as ApiError;
    if (error.code === 'FILE_CHANGED') return { is: 'conflict', conflicts: await conflictsOf(files) };
    const findings =
      error.code === 'FLOW_LINT' ? (await post<Checked>('/files/check', { files })).refused : [];
    return { is: 'refused', error, findings };
  }
}

async function changesOf(paths: readonly string[]): Promise<Change[]> {
  const changes: Change[] = [];
  for (const path of paths) {
    const { base, draft } = held.get().get(path) ?? {};
    if (!base || !draft) continue;
    const text =
      'text' in draft
        ? draft.text
        : (await post<{ text: string }>('/files/text', { path, text: base.text, value: draft.value })).text;
    changes.push({ path, text, revision: base.revision });
  }
  return changes;
}

async function conflictsOf(files: readonly Change[]): Promise<Conflict[]> {
  const all = await Promise.all(
    files.map(async ({ path, text, revision }) => {
      const theirs = await get<OpenFile>(`/files/one?path=${encodeURIComponent(path)}`);
      const before = held.get().get(path)?.base.text ?? '';
      return theirs.revision === revision ? [] : [{ path, before, mine: text ?? '', theirs }];
    }),
  );
  return all.flat();
}

/** The text that counts, over what the other one has saved. Saved it is with the next save. */
export function settle({ path, theirs }: Conflict, text: string): void {
  hold(path, { base: theirs, ...(text !== theirs.text && { draft: { text } }) });
}

/** A new file that is not saved yet. Over one that is there it is not saved: both are shown. */
export function begin(path: string, value: unknown): void {
  hold(path, { base: { path, text: '', revision: '' }, draft: { value } });
}

export function beginText(path: string, text: string): void {
  hold(path, { base: { path, text: '', revision: '' }, draft: { text } });
}
