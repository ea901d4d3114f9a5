/** What lists and search find processes by: columns of their own, and the names people call things by. */

/**
 * Only those under way stand at a step. All that a board counts is in the index: a body may be as long as its history.
 * Where an old instance stands its next change tells better.
 */
export const sqlite = `
ALTER TABLE process ADD COLUMN started TEXT;
ALTER TABLE process ADD COLUMN updated TEXT;
ALTER TABLE process ADD COLUMN partner TEXT;
ALTER TABLE process ADD COLUMN amount TEXT;
ALTER TABLE process ADD COLUMN currency TEXT;
ALTER TABLE process ADD COLUMN step TEXT;
ALTER TABLE process ADD COLUMN planned TEXT;
ALTER TABLE process ADD COLUMN team TEXT;
UPDATE process SET
  started = json_extract(body, '$.history[0].at'),
  updated = json_extract(body, '$.history[#-1].at'),
  partner = coalesce(json_extract(body, '$.facts.partner'), json_extract(body, '$.facts.source')),
  amount = coalesce(json_extract(body, '$.facts.amount'), json_extract(body, '$.facts.gross'), json_extract(body, '$.facts.total')),
  currency = json_extract(body, '$.facts.currency')
WHERE json_valid(body);
UPDATE process SET
  step = coalesce(
    (SELECT each.key FROM json_each(body, '$.steps') each
      WHERE json_extract(each.value, '$.state') NOT IN ('waiting', 'done', 'undone') ORDER BY each.id LIMIT 1),
    (SELECT each.key FROM json_each(body, '$.steps') each
      WHERE json_extract(each.value, '$.state') = 'waiting' ORDER BY each.id LIMIT 1)),
  planned = (SELECT min(json_extract(each.value, '$.due')) FROM json_each(body, '$.steps') each),
  team = json_extract(body, '$.attention[0].to')
WHERE state IN ('running', 'held', 'paused', 'undoing') AND json_valid(body);
CREATE INDEX process_step ON process (process, step, planned, key, state, attention, started, partner, amount, currency, team)
  WHERE step IS NOT NULL;

CREATE TABLE alias (
  folded TEXT NOT NULL,
  kind TEXT NOT NULL,
  leads TEXT NOT NULL,
  process TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  time TEXT NOT NULL,
  PRIMARY KEY (folded, kind, leads, process, key)
) WITHOUT ROWID;
CREATE INDEX alias_of ON alias (leads, process, key);
INSERT OR IGNORE INTO alias (folded, kind, leads, process, key, value, time)
  SELECT lower(trim(number)), CASE process WHEN 'procure-to-pay' THEN 'purchase order' ELSE 'order' END, 'process', process, key,
    number, coalesce(started, '') FROM process WHERE trim(number) <> '';

CREATE INDEX step_event ON step (reference) WHERE outcome = 'published';
`;

/** Text that PostgreSQL cannot hold, as JSON escapes it: NUL and half a character. */
const unreadable = String.raw`\\u(0000|d[89a-f])`;

export const postgres = `
ALTER TABLE process
  ADD COLUMN started text COLLATE "C",
  ADD COLUMN updated text COLLATE "C",
  ADD COLUMN partner text,
  ADD COLUMN amount text,
  ADD COLUMN currency text,
  ADD COLUMN step text,
  ADD COLUMN planned text COLLATE "C",
  ADD COLUMN team text;
UPDATE process SET
  started = body::json #>> '{history,0,at}',
  updated = body::json -> 'history' -> -1 ->> 'at',
  partner = coalesce(body::json #>> '{facts,partner}', body::json #>> '{facts,source}'),
  amount = coalesce(body::json #>> '{facts,amount}', body::json #>> '{facts,gross}', body::json #>> '{facts,total}'),
  currency = body::json #>> '{facts,currency}'
WHERE body !~ '${unreadable}';
UPDATE process SET
  step = coalesce(
    (SELECT each.key FROM json_each(body::json -> 'steps') WITH ORDINALITY each (key, value, n)
      WHERE each.value ->> 'state' NOT IN ('waiting', 'done', 'undone') ORDER BY n LIMIT 1),
    (SELECT each.key FROM json_each(body::json -> 'steps') WITH ORDINALITY each (key, value, n)
      WHERE each.value ->> 'state' = 'waiting' ORDER BY n LIMIT 1)),
  planned = (SELECT min(each.value ->> 'due' COLLATE "C") FROM json_each(body::json -> 'steps') each),
  team = body::json #>> '{attention,0,to}'
WHERE state IN ('running', 'held', 'paused', 'undoing') AND body !~ '${unreadable}';
CREATE INDEX process_step ON process (process, step, planned, key)
  INCLUDE (state, attention, started, partner, amount, currency, team) WHERE step IS NOT NULL;

CREATE TABLE alias (
  folded text COLLATE "C" NOT NULL,
  kind text COLLATE "C" NOT NULL,
  leads text COLLATE "C" NOT NULL,
  process text COLLATE "C" NOT NULL,
  key text COLLATE "C" NOT NULL,
  value text NOT NULL,
  time text COLLATE "C" NOT NULL,
  PRIMARY KEY (folded, kind, leads, process, key)
);
CREATE INDEX alias_of ON alias (leads, process, key);
INSERT INTO alias (folded, kind, leads, process, key, value, time)
  SELECT lower(trim(number)), CASE process WHEN 'procure-to-pay' THEN 'purchase order' ELSE 'order' END, 'process', process, key,
    number, coalesce(started, '') FROM process WHERE trim(number) <> ''
  ON CONFLICT DO NOTHING;

ALTER TABLE step ALTER COLUMN reference TYPE text COLLATE "C";
CREATE INDEX step_event ON step (reference) WHERE outcome = 'published';
`;
