/** What the process tells of itself: processor, memory, and how late its timers are. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Series } from '../series.ts';
import type { GaugeName } from '../table.ts';

const RESOLUTION_MS = 20;
/** Who asks more often hears of the same time. */
const SPAN_MS = 10_000;
const started = Date.now() / 1000 - process.uptime();

/** Call what it gives before each scrape. `end` at last. */
export function watchProcess(series: Series): { tell(): void; end(): void } {
  const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  delays.enable();
  let since = performance.now();
  let counted = 0;
  // A timer that is on time is counted as late as it was set.
  const late = (ns: number) => Math.max(0, ns / 1e9 - RESOLUTION_MS / 1000);

  return {
    tell() {
      const { user, system } = process.cpuUsage();
      const seconds = (user + system) / 1e6;
      series.count('process_cpu_seconds_total', {}, seconds - counted);
      counted = seconds;
      const tell = (name: GaugeName, value: number) => series.set(name, [{ labels: {}, value }]);
      tell('process_resident_memory_bytes', process.memoryUsage.rss());
      tell('process_start_time_seconds', started);
      tell('crossdock_event_loop_lag_p99_seconds', late(delays.percentile(99)));
      tell('crossdock_event_loop_lag_max_seconds', late(delays.max));
      if (performance.now() - since < SPAN_MS) return;
      since = performance.now();
      delays.reset();
    },
    end: () => delays.disable(),
  };
}
