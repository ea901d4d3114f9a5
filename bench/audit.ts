/** `node bench/audit.ts [ROWS]`: fills the audit of an embedded store, and times what `crossdock audit verify` does. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { verifiedAside } from '../runtime/audit/trail/thread.ts';
import { verifyChain } from '../runtime/audit/trail/verify.ts';
import { allRows } from '../runtime/journal/audit.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { entry } from '../test/conformance/audit-entry.ts';

const rows = Number(process.argv[2] ?? 1_000_000);
const atOnce = 5000;
/** Of a million rows. */
const LIMIT_MS = 60_000;
const dir = mkdtempSync(join(tmpdir(), 'crossdock-bench-audit-'));
const store = openStore(join(dir, 'crossdock.db'));
const { audit } = embeddedJournal(store);
const seconds = (since: number): string => `${((performance.now() - since) / 1000).toFixed(1)} s`;
try {
  const filling = performance.now();
  for (let at = 0; at < rows; at += atOnce)
    await Promise.all(
      Array.from({ length: Math.min(atOnce, rows - at) }, (_, one) =>
        audit.append(entry({ object: `letter/orders/shop/${at + one}` })),
      ),
    );
  process.stdout.write(`${rows} rows written in ${seconds(filling)}\n`);
  const verifying = performance.now();
  const verdict = await verifyChain(allRows(audit), [await audit.last()]);
  const heap = Math.round(process.memoryUsage().rss / 1024 / 1024);
  process.stdout.write(
    `${verdict.rows} rows verified in ${seconds(verifying)}, ${verdict.agreed} checkpoint agrees; ${heap} MB\n`,
  );
  const stall = monitorEventLoopDelay({ resolution: 5 });
  stall.enable();
  const aside = performance.now();
  const beside = await verifiedAside({
    profile: 'embedded',
    dataDir: dir,
    checkpoints: [await audit.last()],
  });
  stall.disable();
  process.stdout.write(
    `${beside.rows} rows verified in a thread in ${seconds(aside)}; the longest turn of the others waited ${Math.round(stall.max / 1e6)} ms\n`,
  );
  const late = rows >= 1_000_000 && performance.now() - aside > LIMIT_MS;
  if (verdict.bad || beside.bad || late) process.exitCode = 1;
} finally {
  store.close();
  rmSync(dir, { recursive: true });
}
