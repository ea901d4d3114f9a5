/** What only the hubs see, told to the journal by each of them now and then: samples over time, and that it is there. */
import { sql, type Kysely } from 'kysely';
import { fiveMinutesOf } from './schema/buckets.ts';
import { addSample } from './rollups.ts';
import { stored, text, type Tables } from './tables.ts';

/** Of a queue: how many messages wait, and how long the oldest has, in seconds. Of a flow: 1 while its target is away. */
export interface Sample {
  name: 'waiting' | 'oldest' | 'outage' | 'hubs' | 'store';
  /** The queue or flow; empty for hubs, and for the bytes of the store. */
  subject: string;
  value: number;
}

export interface SeenHub {
  id: string;
  /** ISO time. */
  seen: string;
  /** JSON. */
  body: string;
}

export interface Watched {
  /** As this process is called among the hubs. */
  readonly id: string;
  sample(time: string, samples: readonly Sample[]): Promise<void>;
  /** This hub is there, at this ISO time. Others that were not seen for an hour are forgotten. */
  here(time: string, body: string): Promise<void>;
  /** The hubs that were seen since an ISO time. */
  hubs(since: string): Promise<SeenHub[]>;
  /** This hub is there no longer. */
  gone(): Promise<void>;
}

const FORGOTTEN_MS = 3_600_000;

/** `writer`: as in the rows of samples. */
export function sqlWatched(db: Kysely<Tables>, id: string, writer: string): Watched {
  return {
    id,
    sample: (time, samples) =>
      stored(async () => {
        if (samples.length === 0) return;
        const bucket = fiveMinutesOf(time);
        const rows = samples.map(
          ({ name, subject, value }) =>
            sql`('5min', ${bucket}, ${name}, ${text(subject)}, ${writer}, 1, ${value}, ${value})`,
        );
        await sql`INSERT INTO gauge (width, bucket, name, subject, writer, samples, total, most)
          VALUES ${sql.join(rows)} ${sql.raw(addSample)}`.execute(db);
      }),
    here: (seen, body) =>
      stored(async () => {
        await db
          .insertInto('hub')
          .values({ id, seen, body })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen, body }))
          .execute();
        const before = new Date(Date.parse(seen) - FORGOTTEN_MS).toISOString();
        await db.deleteFrom('hub').where('seen', '<', before).execute();
      }),
    hubs: (since) =>
      stored(() => db.selectFrom('hub').selectAll().where('seen', '>=', since).orderBy('id').execute()),
    gone: () =>
      stored(async () => {
        await db.deleteFrom('hub').where('id', '=', id).execute();
      }),
  };
}
