/** What keeps the journal small and clean needs of it beside its calls. */
import type { Kysely } from 'kysely';
import type { Space } from '../sqlite/space.ts';
import type { Tables } from './tables.ts';

export interface Upkeep {
  db: Kysely<Tables>;
  /** Of PostgreSQL. */
  months?: Months;
  /** Of the embedded store's file. */
  space?: Space;
  /** What was overwritten leaves the files too, as far as the store can do that. */
  clean(): Promise<void>;
}

/** The steps of a month are one table. */
export interface Months {
  /** Whole months that ended before this ISO time, the first day of a month. */
  before(time: string): Promise<string[]>;
  /** How many steps went: all but those of these transactions. 0 where another process was quicker. */
  drop(month: string, stay: readonly string[]): Promise<number>;
}
