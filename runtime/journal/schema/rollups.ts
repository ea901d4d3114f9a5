/** Counts of the steps by time, samples of what only the hub sees, and the hubs that work. */
import { histogramColumns } from './buckets.ts';

const histogram = (type: string) => histogramColumns.map((column) => `${column} ${type} NOT NULL`).join(', ');

/** `writer`: each process has its own rows, so that none waits for another; empty where all are in one. */
export const sqlite = `
CREATE TABLE rollup (
  width TEXT NOT NULL,
  bucket TEXT NOT NULL,
  flow TEXT NOT NULL,
  step TEXT NOT NULL,
  outcome TEXT NOT NULL,
  partner TEXT NOT NULL,
  writer TEXT NOT NULL,
  count INTEGER NOT NULL,
  total_ms REAL NOT NULL,
  ${histogram('INTEGER')},
  PRIMARY KEY (width, bucket, flow, step, outcome, partner, writer)
) WITHOUT ROWID;

CREATE TABLE gauge (
  width TEXT NOT NULL,
  bucket TEXT NOT NULL,
  name TEXT NOT NULL,
  subject TEXT NOT NULL,
  writer TEXT NOT NULL,
  samples INTEGER NOT NULL,
  total REAL NOT NULL,
  most REAL NOT NULL,
  PRIMARY KEY (width, bucket, name, subject, writer)
) WITHOUT ROWID;

CREATE TABLE hub (
  id TEXT PRIMARY KEY,
  seen TEXT NOT NULL,
  body TEXT NOT NULL
) WITHOUT ROWID;
`;

export const postgres = `CREATE TABLE rollup (
    width text NOT NULL,
    bucket text COLLATE "C" NOT NULL,
    flow text NOT NULL,
    step text NOT NULL,
    outcome text NOT NULL,
    partner text NOT NULL,
    writer text NOT NULL,
    count bigint NOT NULL,
    total_ms double precision NOT NULL,
    ${histogram('bigint')},
    PRIMARY KEY (width, bucket, flow, step, outcome, partner, writer)
  ) WITH (fillfactor = 70);
  CREATE TABLE gauge (
    width text NOT NULL,
    bucket text COLLATE "C" NOT NULL,
    name text NOT NULL,
    subject text NOT NULL,
    writer text NOT NULL,
    samples bigint NOT NULL,
    total double precision NOT NULL,
    most double precision NOT NULL,
    PRIMARY KEY (width, bucket, name, subject, writer)
  ) WITH (fillfactor = 70);
  CREATE TABLE hub (
    id text PRIMARY KEY,
    seen text COLLATE "C" NOT NULL,
    body text NOT NULL
  );`;
