/** Who did what: rows that are only ever added. Who owns the database can take the triggers away; the chain shows that. */

export const sqlite = `
CREATE TABLE audit (
  sequence INTEGER PRIMARY KEY,
  time TEXT NOT NULL,
  who TEXT NOT NULL,
  origin TEXT NOT NULL,
  act TEXT NOT NULL,
  object TEXT NOT NULL,
  outcome TEXT NOT NULL,
  hash_before TEXT,
  hash_after TEXT,
  reason TEXT,
  previous TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE TRIGGER audit_unchanged BEFORE UPDATE ON audit BEGIN
  SELECT RAISE(ABORT, 'an audit row is never changed');
END;
CREATE TRIGGER audit_kept BEFORE DELETE ON audit BEGIN
  SELECT RAISE(ABORT, 'an audit row is never deleted');
END;
`;

/** A restore empties the table, and may: what was sent outside shows it. */
export const postgres = `
CREATE TABLE audit (
  sequence bigint PRIMARY KEY,
  time text COLLATE "C" NOT NULL,
  who text NOT NULL,
  origin text NOT NULL,
  act text NOT NULL,
  object text NOT NULL,
  outcome text NOT NULL,
  hash_before text,
  hash_after text,
  reason text,
  previous text NOT NULL,
  hash text NOT NULL
);
CREATE FUNCTION audit_refused() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'an audit row is never changed or deleted';
END $$;
CREATE TRIGGER audit_unchanged BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_refused();
`;
