/** Old rows of a table: how they are found in pages, and how they go. */
import type { Tables } from '../journal/tables.ts';

/** Rows that are read at once, and the most that go in one write. */
export const PAGE = 200;

export interface Rows<Row> {
  table: keyof Tables;
  what: string;
  before: string;
  /** The oldest first; those that follow this one. */
  page(after: Row | undefined): Promise<Row[]>;
  age(row: Row): string;
  stays?(row: Row): boolean;
  /** How many went. What changed meanwhile stays. */
  remove(rows: readonly Row[]): Promise<number>;
}
