/** By what pruning finds what is old: days of documents and versions, when letters were decided about and processes ended. */

/** What stands there already counts as of today. `emptied`: the data of the message is gone, or no longer whole. */
export const sqlite = `
ALTER TABLE document ADD COLUMN day TEXT NOT NULL DEFAULT '';
UPDATE document SET day = date('now');
CREATE INDEX document_day ON document (kind, day);

ALTER TABLE record_version ADD COLUMN day TEXT NOT NULL DEFAULT '';
UPDATE record_version SET day = date('now');
CREATE INDEX record_version_day ON record_version (day);

ALTER TABLE dead_letter ADD COLUMN decided TEXT;
ALTER TABLE dead_letter ADD COLUMN emptied INTEGER NOT NULL DEFAULT 0;
UPDATE dead_letter SET decided = coalesce(json_extract(decision, '$.time'), last_failed)
  WHERE state IN ('replayed', 'discarded');
CREATE INDEX dead_letter_decided ON dead_letter (decided, id) WHERE decided IS NOT NULL;
CREATE INDEX dead_letter_payload ON dead_letter (decided, id) WHERE emptied = 0 AND decided IS NOT NULL;

CREATE INDEX process_ended ON process (updated, process, key) WHERE state IN ('done', 'cancelled', 'undone');
CREATE INDEX alias_time ON alias (time, folded, kind, key) WHERE leads = 'transaction';

-- How names look that have grown, as for processes.
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('alias', 'alias', '10000000 5 4 3 2 1'),
  ('alias', 'alias_of', '10000000 5000000 2500000 5'),
  ('alias', 'alias_time', '3000000 2 1 1 1');
ANALYZE sqlite_schema;
`;

/** A hub of the version before writes on while this one starts: so the columns have what stands there without it. */
export const postgres = `
DO $$
DECLARE today text := to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD');
BEGIN
  EXECUTE format('ALTER TABLE document ADD COLUMN day text COLLATE "C" NOT NULL DEFAULT %L', today);
  EXECUTE format('ALTER TABLE record_version ADD COLUMN day text COLLATE "C" NOT NULL DEFAULT %L', today);
END $$;
CREATE INDEX document_day ON document (kind, day, id);
CREATE INDEX record_version_day ON record_version (day, record);
ALTER TABLE dead_letter
  ADD COLUMN decided text COLLATE "C",
  ADD COLUMN emptied smallint NOT NULL DEFAULT 0;
UPDATE dead_letter SET decided = coalesce(decision::json ->> 'time', last_failed)
  WHERE state IN ('replayed', 'discarded');
CREATE INDEX dead_letter_decided ON dead_letter (decided, id) WHERE decided IS NOT NULL;
CREATE INDEX dead_letter_payload ON dead_letter (decided, id) WHERE emptied = 0 AND decided IS NOT NULL;
CREATE INDEX process_ended ON process (updated, process, key) WHERE state IN ('done', 'cancelled', 'undone');
CREATE INDEX alias_time ON alias (time, folded, kind, key) WHERE leads = 'transaction';
`;
