/** Where each flow and each way between two stands on the map: in columns, from what comes in to what comes last. */
import type { FlowMap, MapFlow } from '../../../../workspace/flow-map.ts';

export interface Box extends MapFlow {
  x: number;
  y: number;
}

/** All events that go from one flow to another. */
export interface Way {
  from: string;
  to: string;
  events: string[];
  path: string;
}

export interface Drawn {
  boxes: Box[];
  ways: Way[];
  width: number;
  height: number;
}

export const boxWidth = 170;
export const boxHeight = 34;
const columnStep = 270;
const rowStep = 52;
const margin = 16;

export function placed({ flows, passages }: FlowMap): Drawn {
  const pairs = new Map<string, { from: string; to: string; events: string[] }>();
  for (const { event, from, to } of passages)
    for (const one of from)
      for (const { flow } of to.filter((taking) => taking.flow !== one)) {
        const pair = pairs.get(`${one} ${flow}`) ?? { from: one, to: flow, events: [] };
        pair.events.push(event);
        pairs.set(`${one} ${flow}`, pair);
      }
  const columns = columnsOf(
    flows.map(({ flow }) => flow),
    [...pairs.values()],
  );
  const filled: number[] = [];
  const boxes = flows.map((flow): Box => {
    const column = columns.get(flow.flow) ?? 0;
    const row = (filled[column] = (filled[column] ?? 0) + 1) - 1;
    return { ...flow, x: margin + column * columnStep, y: margin + row * rowStep };
  });
  const byName = new Map(boxes.map((box) => [box.flow, box]));
  const ways = [...pairs.values()].flatMap((pair): Way[] => {
    const [a, b] = [byName.get(pair.from), byName.get(pair.to)];
    return a && b ? [{ ...pair, path: curve(a, b) }] : [];
  });
  const right = Math.max(...boxes.map(({ x }) => x), 0);
  const bottom = Math.max(...boxes.map(({ y }) => y), 0);
  return { boxes, ways, width: right + boxWidth + 60, height: bottom + boxHeight + margin };
}

/** As many columns from the left as ways from what takes from outside; what nobody comes to stands left. */
function columnsOf(
  flows: readonly string[],
  pairs: readonly { from: string; to: string }[],
): Map<string, number> {
  const ways = pairs.filter(({ from, to }) => from !== to);
  const reached = new Set(ways.map(({ to }) => to));
  const columns = new Map(flows.filter((flow) => !reached.has(flow)).map((flow) => [flow, 0]));
  for (const [flow, column] of columns)
    for (const { from, to } of ways) if (from === flow && !columns.has(to)) columns.set(to, column + 1);
  return columns;
}

/** Forward from side to side; back or down over the right side. */
function curve(a: Box, b: Box): string {
  const [fromX, fromY] = [a.x + boxWidth, a.y + boxHeight / 2];
  const toY = b.y + boxHeight / 2;
  if (b.x > a.x) {
    const bend = (b.x - fromX) / 2;
    return `M${fromX} ${fromY} C${fromX + bend} ${fromY} ${b.x - bend} ${toY} ${b.x} ${toY}`;
  }
  const toX = b.x + boxWidth;
  const out = Math.max(fromX, toX) + 45;
  return `M${fromX} ${fromY - 6} C${out} ${fromY - 6} ${out} ${toY + 6} ${toX} ${toY + 6}`;
}
