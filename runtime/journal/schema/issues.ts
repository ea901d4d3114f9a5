/** The schema of issues: what exceptions are grouped by, and what people decided about each group. */

export const sqlite = `
ALTER TABLE dead_letter ADD COLUMN issue TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN partner TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN subject TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN amount TEXT;
ALTER TABLE dead_letter ADD COLUMN currency TEXT;
-- 1: open, or sent again and not known to have landed.
ALTER TABLE dead_letter ADD COLUMN unsettled INTEGER NOT NULL DEFAULT 0;
UPDATE dead_letter SET unsettled = 1 WHERE state = 'open';
CREATE INDEX dead_letter_unsettled ON dead_letter
  (state, issue, last_failed, id, first_failed, flow, code, partner, subject, amount, currency) WHERE unsettled = 1;
CREATE INDEX dead_letter_issue ON dead_letter (issue, last_failed, id);

ALTER TABLE process ADD COLUMN asks TEXT;
UPDATE process SET asks = json_extract(body, '$.attention') WHERE attention = 1 AND json_valid(body);
-- All that is asked is in the index: a body may be as long as its history.
CREATE INDEX process_asks ON process (process, key, number, partner, amount, currency, updated, asks) WHERE attention = 1;
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('process', 'process_asks', '10000 5000 1 1 1 1 1 1');
ANALYZE sqlite_schema;

CREATE TABLE issue (
  id TEXT PRIMARY KEY,
  flow TEXT NOT NULL,
  code TEXT NOT NULL,
  partner TEXT NOT NULL,
  step TEXT NOT NULL,
  asked TEXT NOT NULL,
  why TEXT NOT NULL,
  facts TEXT NOT NULL,
  tier TEXT NOT NULL,
  state TEXT NOT NULL,
  team TEXT,
  person TEXT,
  waits_on TEXT,
  until TEXT,
  reason TEXT,
  note TEXT,
  first_seen TEXT NOT NULL,
  changed TEXT NOT NULL,
  revision INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX issue_state ON issue (state, changed, id);
CREATE TABLE issue_event (
  issue TEXT NOT NULL,
  id TEXT NOT NULL,
  time TEXT NOT NULL,
  who TEXT NOT NULL,
  what TEXT NOT NULL,
  detail TEXT,
  PRIMARY KEY (issue, id)
) WITHOUT ROWID;
`;

export const postgres = `
ALTER TABLE dead_letter
  ADD COLUMN issue text NOT NULL DEFAULT '',
  ADD COLUMN partner text NOT NULL DEFAULT '',
  ADD COLUMN subject text NOT NULL DEFAULT '',
  ADD COLUMN amount text,
  ADD COLUMN currency text,
  ADD COLUMN unsettled smallint NOT NULL DEFAULT 0;
UPDATE dead_letter SET unsettled = 1 WHERE state = 'open';
CREATE INDEX dead_letter_unsettled ON dead_letter (state, issue, last_failed, id) WHERE unsettled = 1;
CREATE INDEX dead_letter_issue ON dead_letter (issue, last_failed, id);

ALTER TABLE process ADD COLUMN asks text;
UPDATE process SET asks = body::json ->> 'attention' WHERE attention = 1 AND strpos(body, '\\u0000') = 0;

CREATE TABLE issue (
  id text PRIMARY KEY,
  flow text NOT NULL,
  code text NOT NULL,
  partner text NOT NULL,
  step text NOT NULL,
  asked text NOT NULL,
  why text NOT NULL,
  facts text NOT NULL,
  tier text NOT NULL,
  state text NOT NULL,
  team text,
  person text,
  waits_on text,
  until text COLLATE "C",
  reason text,
  note text,
  first_seen text COLLATE "C" NOT NULL,
  changed text COLLATE "C" NOT NULL,
  revision integer NOT NULL
);
CREATE INDEX issue_state ON issue (state, changed, id);
CREATE TABLE issue_event (
  issue text NOT NULL,
  id text COLLATE "C" NOT NULL,
  time text COLLATE "C" NOT NULL,
  who text NOT NULL,
  what text NOT NULL,
  detail text,
  PRIMARY KEY (issue, id)
);
`;
