/** PostgreSQL's schema of the journal, one step a version; a step that was released never changes. */
import { postgres as audit } from './schema/audit.ts';
import { postgres as orderColumns } from './schema/orders.ts';
import { postgres as towerColumns } from './schema/tower-columns.ts';
import * as issues from './schema/issues.ts';
import { postgres as mend } from './schema/mend.ts';
import { postgres as replay } from './schema/replay.ts';
import { postgres as rollups } from './schema/rollups.ts';
import { postgres as retention } from './schema/retention.ts';

/** In which trace of OpenTelemetry a step stands, where one was made. */
const tracedSteps = 'ALTER TABLE step ADD COLUMN trace_id text;';

/** Times and versions compare as bytes, whatever the collation of the database. */
export const migrations: readonly string[] = [
  `CREATE TABLE step (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time text COLLATE "C" NOT NULL,
    correlation_id text NOT NULL,
    business_key text NOT NULL,
    step text NOT NULL,
    flow text NOT NULL,
    flow_version text NOT NULL,
    outcome text NOT NULL,
    code text,
    detail text,
    reference text,
    duration_ms double precision
  );
  CREATE INDEX step_correlation ON step (correlation_id, time);
  CREATE INDEX step_business_key ON step (business_key, correlation_id);
  CREATE INDEX step_time ON step (time, outcome);
  CREATE TABLE dead_letter (
    id text PRIMARY KEY,
    queue text NOT NULL,
    message text NOT NULL,
    code text NOT NULL,
    reason text NOT NULL,
    facts text NOT NULL,
    first_failed text COLLATE "C" NOT NULL,
    last_failed text COLLATE "C" NOT NULL,
    attempts integer NOT NULL,
    state text NOT NULL
  );
  CREATE INDEX dead_letter_state ON dead_letter (state, last_failed);`,
  `CREATE INDEX step_retrying ON step (reference, flow) WHERE outcome = 'retrying';
  ALTER TABLE dead_letter
    ADD COLUMN flow text NOT NULL DEFAULT '',
    ADD COLUMN flow_version text NOT NULL DEFAULT '',
    ADD COLUMN first_code text NOT NULL DEFAULT '',
    ADD COLUMN first_reason text NOT NULL DEFAULT '',
    ADD COLUMN waits_for text,
    ADD COLUMN parked_until text COLLATE "C",
    ADD COLUMN decision text;
  UPDATE dead_letter SET flow = queue, first_code = code, first_reason = reason;
  CREATE INDEX dead_letter_parked ON dead_letter (waits_for) WHERE waits_for IS NOT NULL;
  CREATE TABLE dead_letter_failure (
    letter text NOT NULL,
    time text COLLATE "C" NOT NULL,
    code text NOT NULL,
    detail text,
    flow_version text NOT NULL,
    PRIMARY KEY (letter, time, code)
  );
  CREATE TABLE record_version (
    record text PRIMARY KEY,
    version text COLLATE "C" NOT NULL
  );`,
  `CREATE TABLE document (
    kind text NOT NULL,
    id text COLLATE "C" NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (kind, id)
  );`,
  `CREATE TABLE process (
    process text NOT NULL,
    key text COLLATE "C" NOT NULL,
    number text NOT NULL,
    state text NOT NULL,
    due text COLLATE "C",
    body text NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (process, key)
  );
  CREATE INDEX process_number ON process (number);
  CREATE INDEX process_due ON process (due) WHERE due IS NOT NULL;`,
  `ALTER TABLE step ADD COLUMN message text;
  CREATE INDEX step_kept ON step (time) WHERE message IS NOT NULL;`,
  `DROP INDEX process_due;
  CREATE INDEX process_look ON process (process, due, key) WHERE due IS NOT NULL;
  CREATE INDEX process_list ON process (process, state, key);
  ALTER TABLE process ADD COLUMN attention smallint NOT NULL DEFAULT 0;
  UPDATE process SET attention = 1 WHERE strpos(body, '"attention":[{') > 0;
  CREATE INDEX process_attention ON process (process, state, key) WHERE attention = 1;
  ALTER TABLE dead_letter ALTER COLUMN id TYPE text COLLATE "C";
  DROP INDEX dead_letter_state;
  DROP INDEX dead_letter_parked;
  CREATE INDEX dead_letter_time ON dead_letter (last_failed, id);
  CREATE INDEX dead_letter_state ON dead_letter (state, last_failed, id);
  CREATE INDEX dead_letter_flow ON dead_letter (state, flow, last_failed, id);
  CREATE INDEX dead_letter_code ON dead_letter (state, code, last_failed, id);
  CREATE INDEX dead_letter_group ON dead_letter (state, flow, queue, code, last_failed, first_failed, id);
  CREATE INDEX dead_letter_parked ON dead_letter (state, waits_for, last_failed, id) WHERE waits_for IS NOT NULL;
  CREATE INDEX dead_letter_until ON dead_letter (state, parked_until) WHERE parked_until IS NOT NULL;`,
  // What stands there becomes the first partition as it is, up to the end of this month by the clock of PostgreSQL.
  `ALTER TABLE step RENAME TO step_before;
  ALTER INDEX step_correlation RENAME TO step_before_correlation;
  ALTER INDEX step_business_key RENAME TO step_before_business_key;
  ALTER INDEX step_time RENAME TO step_before_time;
  ALTER INDEX step_retrying RENAME TO step_before_retrying;
  ALTER INDEX step_kept RENAME TO step_before_kept;
  CREATE SEQUENCE step_seq;
  SELECT setval('step_seq', (SELECT coalesce(max(seq), 0) + 1 FROM step_before), false);
  ALTER TABLE step_before ALTER COLUMN seq DROP IDENTITY;
  ALTER TABLE step_before DROP CONSTRAINT step_pkey;
  CREATE TABLE step (LIKE step_before) PARTITION BY RANGE (time);
  ALTER TABLE step ALTER COLUMN seq SET DEFAULT nextval('step_seq');
  CREATE INDEX step_correlation ON step (correlation_id, time);
  CREATE INDEX step_business_key ON step (business_key, correlation_id);
  CREATE INDEX step_time ON step (time, outcome);
  CREATE INDEX step_retrying ON step (reference, flow) WHERE outcome = 'retrying';
  CREATE INDEX step_kept ON step (time) WHERE message IS NOT NULL;
  CREATE TABLE step_other PARTITION OF step DEFAULT;
  DO $$
  DECLARE next_month text := to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + interval '1 month', 'YYYY-MM-DD');
  BEGIN
    IF NOT EXISTS (SELECT 1 FROM step_before) THEN
      DROP TABLE step_before;
      RETURN;
    END IF;
    WITH later AS (DELETE FROM step_before WHERE time >= next_month RETURNING *) INSERT INTO step SELECT * FROM later;
    EXECUTE format('ALTER TABLE step ATTACH PARTITION step_before FOR VALUES FROM (MINVALUE) TO (%L)', next_month);
  END $$;`,
  towerColumns,
  issues.postgres,
  orderColumns,
  mend,
  replay,
  retention,
  rollups,
  tracedSteps,
  audit,
];
