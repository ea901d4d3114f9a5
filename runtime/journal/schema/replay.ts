/** The tables of replays: a plan with its letters, and what of a letter tells whether it may go and whether it landed. */

const tables = (text: string, when: string) => `
CREATE TABLE replay_plan (
  id ${text} PRIMARY KEY,
  state text NOT NULL,
  open integer NOT NULL,
  driver text,
  lease ${when},
  body text NOT NULL,
  revision integer NOT NULL
);
CREATE INDEX replay_plan_open ON replay_plan (open) WHERE open = 1;

CREATE TABLE replay_item (
  plan ${text} NOT NULL,
  n integer NOT NULL,
  letter text NOT NULL,
  last_failed ${when} NOT NULL,
  subject text NOT NULL,
  flow text NOT NULL,
  failed_code text NOT NULL,
  flow_version text NOT NULL,
  verdict text NOT NULL,
  why text NOT NULL,
  irreversible integer NOT NULL,
  amount text,
  currency text,
  state text NOT NULL,
  code text,
  PRIMARY KEY (plan, n)
);
CREATE INDEX replay_item_state ON replay_item (plan, state, n);
CREATE INDEX replay_item_verdict ON replay_item (plan, verdict, n);
CREATE INDEX replay_item_letter ON replay_item (letter) WHERE state IN ('waiting', 'sent');
`;

/** A letter knows its partition key, and the replay of it whose work ended well. */
export const sqlite = `
ALTER TABLE dead_letter ADD COLUMN partition_key TEXT NOT NULL DEFAULT '';
ALTER TABLE dead_letter ADD COLUMN settled TEXT;
UPDATE dead_letter SET partition_key = coalesce(json_extract(message, '$.partitionkey'), '')
  WHERE state IN ('open', 'parked') AND json_valid(message);
CREATE INDEX dead_letter_partition ON dead_letter (queue, partition_key, first_failed) WHERE state IN ('open', 'parked');
${tables('text', 'text')}`;

export const postgres = `
ALTER TABLE dead_letter
  ADD COLUMN partition_key text NOT NULL DEFAULT '',
  ADD COLUMN settled text;
UPDATE dead_letter SET partition_key = coalesce(substring(message from '"partitionkey":"([^"\\\\]*)"'), '')
  WHERE state IN ('open', 'parked');
CREATE INDEX dead_letter_partition ON dead_letter (queue, partition_key, first_failed) WHERE state IN ('open', 'parked');
${tables('text COLLATE "C"', 'text COLLATE "C"')}`;
