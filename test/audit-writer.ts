/** A process that writes to the audit: `sqlite FILE WHO COUNT`, or `postgres URL SCHEMA WHO COUNT`. */
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { entry } from './conformance/audit-entry.ts';

const [kind, place = '', ...more] = process.argv.slice(2);
const count = Number(more.pop());
const who = more.pop()!;
const store = kind === 'sqlite' ? openStore(place) : undefined;
const journal = store ? embeddedJournal(store) : await postgresJournal({ url: place, schema: more[0]! });
/** As many as act at once. */
const atOnce = 50;

for (let at = 0; at < count; at += atOnce)
  await Promise.all(
    Array.from({ length: Math.min(atOnce, count - at) }, (_, one) =>
      journal.audit.append(entry({ who, object: `letter/${at + one}` })),
    ),
  );
await journal.close();
store?.close();
