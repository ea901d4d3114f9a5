/** The embedded store's schema, one step a version; a step that was released never changes. */
import { sqlite as audit } from '../journal/schema/audit.ts';
import { sqlite as orderColumns } from '../journal/schema/orders.ts';
import { sqlite as towerColumns } from '../journal/schema/tower-columns.ts';
import * as issues from '../journal/schema/issues.ts';
import { sqlite as mend } from '../journal/schema/mend.ts';
import { sqlite as replay } from '../journal/schema/replay.ts';
import { sqlite as rollups } from '../journal/schema/rollups.ts';
import { sqlite as retention } from '../journal/schema/retention.ts';

const first = `
CREATE TABLE binding (
  type TEXT NOT NULL,
  queue TEXT NOT NULL,
  PRIMARY KEY (type, queue)
) WITHOUT ROWID;

-- head: the oldest of its key in its queue; only heads are handed out, so a key keeps its order.
CREATE TABLE message (
  seq INTEGER PRIMARY KEY,
  queue TEXT NOT NULL,
  source TEXT NOT NULL,
  id TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  due INTEGER NOT NULL,
  head INTEGER NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0,
  attempt INTEGER NOT NULL DEFAULT 0,
  redelivered INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX message_once ON message (queue, source, id);
CREATE INDEX message_key ON message (queue, key, seq);
CREATE INDEX message_next ON message (queue, due, seq) WHERE head = 1 AND taken = 0;
CREATE INDEX message_taken ON message (queue) WHERE taken = 1;

CREATE TABLE claim (
  key TEXT PRIMARY KEY,
  fingerprint TEXT NOT NULL,
  token TEXT NOT NULL,
  result TEXT,
  expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX claim_expires ON claim (expires);

CREATE TABLE record_version (
  record TEXT PRIMARY KEY,
  version TEXT NOT NULL,
  expires INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX record_version_expires ON record_version (expires);

CREATE TABLE step (
  seq INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  correlation_id TEXT NOT NULL,
  business_key TEXT NOT NULL,
  step TEXT NOT NULL,
  flow TEXT NOT NULL,
  flow_version TEXT NOT NULL,
  outcome TEXT NOT NULL,
  code TEXT,
  detail TEXT,
  reference TEXT,
  duration_ms REAL
);
CREATE INDEX step_correlation ON step (correlation_id, time);
CREATE INDEX step_business_key ON step (business_key, correlation_id);
CREATE INDEX step_time ON step (time, outcome);

CREATE TABLE dead_letter (
  id TEXT PRIMARY KEY,
  queue TEXT NOT NULL,
  message TEXT NOT NULL,
  code TEXT NOT NULL,
  reason TEXT NOT NULL,
  facts TEXT NOT NULL,
  first_failed TEXT NOT NULL,
  last_failed TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  state TEXT NOT NULL
);
CREATE INDEX dead_letter_state ON dead_letter (state, last_failed);
`;

/** The journal keeps the versions of records from here on; those of the guard had an end. */
const letters = `
CREATE INDEX step_retrying ON step (reference, flow) WHERE outcome = 'retrying';

ALTER TABLE dead_letter ADD COLUMN flow TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN flow_version TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN first_code TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN first_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN waits_for TEXT;
ALTER TABLE dead_letter ADD COLUMN parked_until TEXT;
ALTER TABLE dead_letter ADD COLUMN decision TEXT;
UPDATE dead_letter SET flow = queue, first_code = code, first_reason = reason;
CREATE INDEX dead_letter_parked ON dead_letter (waits_for) WHERE waits_for IS NOT NULL;

CREATE TABLE dead_letter_failure (
  letter TEXT NOT NULL,
  time TEXT NOT NULL,
  code TEXT NOT NULL,
  detail TEXT,
  flow_version TEXT NOT NULL,
  PRIMARY KEY (letter, time, code)
) WITHOUT ROWID;

DROP TABLE record_version;
CREATE TABLE record_version (
  record TEXT PRIMARY KEY,
  version TEXT NOT NULL
) WITHOUT ROWID;
`;

/** How many messages a queue holds, kept as they come and go: to count a million takes a third of a second. */
const queueSizes = `
CREATE TABLE queue_size (
  queue TEXT PRIMARY KEY,
  messages INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO queue_size SELECT queue, count(*) FROM message GROUP BY queue;

CREATE TRIGGER message_added AFTER INSERT ON message BEGIN
  INSERT OR IGNORE INTO queue_size (queue, messages) VALUES (NEW.queue, 0);
  UPDATE queue_size SET messages = messages + 1 WHERE queue = NEW.queue;
END;
CREATE TRIGGER message_removed AFTER DELETE ON message BEGIN
  UPDATE queue_size SET messages = messages - 1 WHERE queue = OLD.queue;
END;
`;

/** Releases, promotions and what else is kept whole. */
const documents = `
CREATE TABLE document (
  kind TEXT NOT NULL,
  id TEXT NOT NULL,
  body TEXT NOT NULL,
  PRIMARY KEY (kind, id)
) WITHOUT ROWID;
`;

const processes = `
CREATE TABLE process (
  process TEXT NOT NULL,
  key TEXT NOT NULL,
  number TEXT NOT NULL,
  state TEXT NOT NULL,
  due TEXT,
  body TEXT NOT NULL,
  revision INTEGER NOT NULL,
  PRIMARY KEY (process, key)
) WITHOUT ROWID;
CREATE INDEX process_number ON process (number);
CREATE INDEX process_due ON process (due) WHERE due IS NOT NULL;
`;

/** What webhooks published, so that it can be run again. */
const kept = `
ALTER TABLE step ADD COLUMN message TEXT;
CREATE INDEX step_kept ON step (time) WHERE message IS NOT NULL;
`;

/** What is asked again and again reads what it finds, however much there is. */
const history = `
DROP INDEX process_due;
CREATE INDEX process_look ON process (process, due, key) WHERE due IS NOT NULL;
CREATE INDEX process_list ON process (process, state, key);
ALTER TABLE process ADD COLUMN attention INTEGER NOT NULL DEFAULT 0;
UPDATE process SET attention = 1 WHERE instr(body, '"attention":[{') > 0;
CREATE INDEX process_attention ON process (process, state, key) WHERE attention = 1;

DROP INDEX dead_letter_state;
DROP INDEX dead_letter_parked;
CREATE INDEX dead_letter_time ON dead_letter (last_failed, id);
CREATE INDEX dead_letter_state ON dead_letter (state, last_failed, id);
CREATE INDEX dead_letter_flow ON dead_letter (state, flow, last_failed, id);
CREATE INDEX dead_letter_code ON dead_letter (state, code, last_failed, id);
CREATE INDEX dead_letter_group ON dead_letter (state, flow, queue, code, last_failed, first_failed, id);
CREATE INDEX dead_letter_parked ON dead_letter (state, waits_for, last_failed, id) WHERE waits_for IS NOT NULL;
CREATE INDEX dead_letter_until ON dead_letter (state, parked_until) WHERE parked_until IS NOT NULL;

CREATE INDEX claim_open ON claim (result) WHERE result IS NULL;

-- How tables look that have grown: rows, then rows for each value of the first column, of the first two, and so on.
ANALYZE binding;
DELETE FROM sqlite_stat1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES
  ('process', 'process', '10000000 5000000 1'),
  ('process', 'process_number', '10000000 2'),
  ('process', 'process_look', '10000 5000 1 1'),
  ('process', 'process_list', '10000000 5000000 1000000 1'),
  ('process', 'process_attention', '10000 5000 1000 1');
ANALYZE sqlite_schema;
`;

/** In which trace of OpenTelemetry a step stands, where one was made. */
const tracedSteps = 'ALTER TABLE step ADD COLUMN trace_id TEXT;';

export const migrations: readonly string[] = [
  first,
  letters,
  queueSizes,
  documents,
  processes,
  kept,
  history,
  towerColumns,
  issues.sqlite,
  orderColumns,
  mend,
  replay,
  retention,
  rollups,
  tracedSteps,
  audit,
];
