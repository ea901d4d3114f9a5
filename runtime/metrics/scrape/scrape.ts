/** One answer at /metrics: what this process counted, and the figures of the store where it is this hub that tells them. */
import type { Hub } from '../../hub/hub.ts';
import type { Reader } from '../../reader/reader.ts';
import { isElected } from './elected.ts';
import { watchProcess } from './process.ts';
import { storeRows, tellStore, type StoreRows } from './store.ts';

/** The store is asked once for all who ask within this time. */
const FRESH_MS = 10_000;
/** Prometheus waits ten seconds by default: it gets what is counted here also while the store is away. */
const LIMIT_MS = 4000;

export interface Scraping {
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
  end(): void;
}

export function scraping(hub: Hub, { db }: Reader, clock = () => new Date()): Scraping {
  const { series } = hub.figures;
  const own = watchProcess(series);
  let last: { at: number; rows: Promise<StoreRows | undefined> } | undefined;

  async function readRows(now: Date): Promise<StoreRows | undefined> {
    if (hub.profile === 'cluster' && !(await isElected(db, hub.journal.watched.id, now))) return undefined;
    return storeRows(hub, db, now);
  }

  /** Undefined where another tells them, or they cannot be read: then they are absent, and not 0. */
  function fresh(): Promise<StoreRows | undefined> {
    const now = clock();
    if (last && now.getTime() - last.at < FRESH_MS) return last.rows;
    const rows = within(LIMIT_MS, readRows(now)).catch((error: unknown) => {
      hub.log.warn({ err: error }, 'The figures of the store cannot be read now');
      return undefined;
    });
    last = { at: now.getTime(), rows };
    return rows;
  }

  return {
    contentType: series.contentType,
    async text() {
      const rows = await fresh();
      tellStore(series, rows ?? {});
      series.set('crossdock_store_figures', [{ labels: {}, value: rows ? 1 : 0 }]);
      series.set('crossdock_flow_outage', outagesOf(hub));
      own.tell();
      return series.text();
    },
    end: () => own.end(),
  };
}

function outagesOf({ consumers }: Hub) {
  const away = new Map<string, number>();
  for (const { flow, state } of consumers)
    away.set(flow, Math.max(away.get(flow) ?? 0, state.is === 'outage' ? 1 : 0));
  return [...away].map(([flow, value]) => ({ labels: { flow }, value }));
}

async function within<T>(ms: number, work: Promise<T>): Promise<T> {
  const late = AbortSignal.timeout(ms);
  const { promise, reject } = Promise.withResolvers<never>();
  late.addEventListener('abort', () => reject(late.reason as Error));
  return Promise.race([work, promise]);
}
