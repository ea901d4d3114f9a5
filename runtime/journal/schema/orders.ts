/** What the page of an order finds its exceptions by, and the board its warehouses. */

export const sqlite = `
ALTER TABLE dead_letter ADD COLUMN correlation_id TEXT NOT NULL DEFAULT '';
UPDATE dead_letter SET correlation_id = coalesce(json_extract(message, '$.correlationid'), '') WHERE json_valid(message);
CREATE INDEX dead_letter_correlation ON dead_letter (correlation_id);

ALTER TABLE process ADD COLUMN warehouse TEXT;
-- What cannot be added up is no amount.
UPDATE process SET amount = NULL WHERE amount GLOB '*[^0-9.-]*' OR amount NOT GLOB '*[0-9]*';
DROP INDEX process_step;
CREATE INDEX process_step
  ON process (process, step, planned, key, state, attention, started, partner, warehouse, amount, currency, team, number)
  WHERE step IS NOT NULL;
`;

export const postgres = `
ALTER TABLE dead_letter ADD COLUMN correlation_id text COLLATE "C" NOT NULL DEFAULT '';
UPDATE dead_letter SET correlation_id = coalesce(
  CASE WHEN strpos(message, '\\u0000') = 0 THEN message::json ->> 'correlationid' END, '');
CREATE INDEX dead_letter_correlation ON dead_letter (correlation_id);

ALTER TABLE process ADD COLUMN warehouse text;
UPDATE process SET amount = NULL WHERE amount !~ '^-?[0-9]{1,15}([.][0-9]{1,6})?$';
DROP INDEX process_step;
CREATE INDEX process_step ON process (process, step, planned, key)
  INCLUDE (state, attention, started, partner, warehouse, amount, currency, team, number) WHERE step IS NOT NULL;
`;
