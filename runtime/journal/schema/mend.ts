/** The tables of entries that people propose for value maps. */

export const sqlite = `
CREATE TABLE proposal (
  id TEXT PRIMARY KEY,
  map TEXT NOT NULL,
  value TEXT NOT NULL,
  source TEXT NOT NULL,
  article TEXT NOT NULL,
  target TEXT NOT NULL,
  factor TEXT,
  state TEXT NOT NULL,
  made TEXT NOT NULL,
  made_by TEXT NOT NULL,
  letter TEXT,
  ended TEXT,
  ended_by TEXT
) WITHOUT ROWID;
CREATE INDEX proposal_state ON proposal (state, made, id);
CREATE UNIQUE INDEX proposal_waiting ON proposal (map, value, source, article) WHERE state = 'waiting';
`;

export const postgres = `
CREATE TABLE proposal (
  id text PRIMARY KEY,
  map text NOT NULL,
  value text NOT NULL,
  source text NOT NULL,
  article text NOT NULL,
  target text NOT NULL,
  factor text,
  state text NOT NULL,
  made text COLLATE "C" NOT NULL,
  made_by text NOT NULL,
  letter text,
  ended text COLLATE "C",
  ended_by text
);
CREATE INDEX proposal_state ON proposal (state, made, id);
CREATE UNIQUE INDEX proposal_waiting ON proposal (map, value, source, article) WHERE state = 'waiting';
`;
