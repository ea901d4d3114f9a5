/** How the tower reads the journal: beside the hot path, never on it. */
import type { Kysely } from 'kysely';
import type { Tables } from '../journal/tables.ts';

export interface Reader {
  /** For SELECTs only. */
  db: Kysely<Tables>;
}
