/** What ran of runtime/ since the last time it was asked, from V8's own counters. */
import { Session, type Profiler } from 'node:inspector';
import { root, stripped } from './hook.ts';

/** By file, from the project's root: the stretches that ran, as offsets. */
export type Segments = Record<string, [start: number, end: number][]>;

let session: Session | undefined;

export function coverage(): Segments {
  if (!session) {
    session = new Session();
    session.connect();
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }
  const found: Segments = {};
  session.post('Profiler.takePreciseCoverage', (error, taken) => {
    if (error) throw error;
    for (const { url, functions } of taken.result) {
      if (!url.startsWith(`${root.href}runtime/`)) continue;
      const path = url.replace(/\?.*$/, '');
      const ran = segments(stripped(path).length, functions);
      if (ran.length > 0) found[path.slice(root.href.length)] = ran;
    }
  });
  return found;
}

/** Of ranges that lie in each other the innermost counts. */
function segments(length: number, functions: readonly Profiler.FunctionCoverage[]): [number, number][] {
  const ranges = functions.flatMap(({ ranges }) => ranges);
  const size = (range: Profiler.CoverageRange) => range.endOffset - range.startOffset;
  const painted = new Uint8Array(length + 1);
  for (const range of ranges.toSorted((one, other) => size(other) - size(one)))
    painted.fill(range.count > 0 ? 1 : 0, range.startOffset, Math.min(range.endOffset, length));
  const found: [number, number][] = [];
  for (let start = painted.indexOf(1); start >= 0;) {
    const end = painted.indexOf(0, start);
    found.push([start, end]);
    start = painted.indexOf(1, end);
  }
  return found;
}
