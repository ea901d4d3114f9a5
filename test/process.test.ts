/** Processes: what events, time limits, failures and people do to an instance, in any order, once each, on both journals. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { postgresJournal } from '../runtime/journal/postgres.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { describeReal } from './real.ts';
import { processEvents } from './conformance/process.ts';
import { processKit } from './conformance/process-kit.ts';
import { processPeople } from './conformance/process-people.ts';

describe('processes on the embedded journal', () => {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-process-'));
  after(() => rmSync(dir, { recursive: true, force: true }));
  const kit = processKit(async () => {
    const store = openStore(join(dir, 'crossdock.db'));
    const journal = embeddedJournal(store);
    return { ...journal, close: () => journal.close().then(() => store.close()) };
  });
  processEvents(kit);
  processPeople(kit);
});

describeReal(['postgres'], 'processes on PostgreSQL', function ({ postgres }) {
  this.timeout(60_000);
  const kit = processKit(() => postgresJournal({ url: postgres.url }));
  processEvents(kit);
  processPeople(kit);
});
