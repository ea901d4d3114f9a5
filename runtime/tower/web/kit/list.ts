/** A list that comes in pages: the first stays fresh, the next are fetched when a person asks for them. */
import { get, type ApiError } from './api.ts';
import { useState } from './html.ts';
import { usePolled } from './poll.ts';

interface Part<Row> {
  rows: Row[];
  next?: string;
}

export interface List<Row> {
  /** Undefined until the first answer. */
  rows: Row[] | undefined;
  error: ApiError | undefined;
  /** Where there are more. */
  more: (() => Promise<void>) | undefined;
  refresh(): Promise<void>;
}

export function useList<Row>(path: string, seconds = 15): List<Row> {
  const { data, error, refresh } = usePolled<Part<Row>>(path, seconds);
  const [later, setLater] = useState<{ path: string; parts: Part<Row>[]; error?: ApiError }>({
    path,
    parts: [],
  });
  const parts = later.path === path ? later.parts : [];
  const last = parts.at(-1) ?? data;
  const next = last?.next;
  const more = async (): Promise<void> => {
    const joined = path.includes('?') ? '&' : '?';
    try {
      const part = await get<Part<Row>>(`${path}${joined}after=${encodeURIComponent(next ?? '')}`);
      setLater({ path, parts: [...parts, part] });
    } catch (failed) {
      setLater({ path, parts, error: failed as ApiError });
    }
  };
  return {
    rows: data && [data, ...parts].flatMap(({ rows }) => rows),
    error: error ?? (later.path === path ? later.error : undefined),
    more: next === undefined ? undefined : more,
    refresh,
  };
}
