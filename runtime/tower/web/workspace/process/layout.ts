/** Where the steps of a process stand in its picture: a column for each stage, arrows along the events. */
import type { ProcessFile, Step } from '../../../../process/definition.ts';

export interface Box {
  name: string;
  step: Step;
  column: number;
  row: number;
}

export interface Arrow {
  /** A step; undefined: from the start of the process. */
  from: string | undefined;
  to: string;
  /** The type of event on it. */
  event: string;
  /** The first is taken back by it. */
  back?: boolean;
}

export interface Layout {
  boxes: readonly Box[];
  arrows: readonly Arrow[];
  /** Steps that no event of this process leads to. */
  unreached: readonly string[];
  columns: number;
  rows: number;
}

/** A step stands one column after the last step that leads to it; what goes round in a circle does not move it. */
export function layoutOf({ start, steps }: Pick<ProcessFile, 'start' | 'steps'>): Layout {
  const names = Object.keys(steps);
  const arrows = names.flatMap((name) => arrowsTo(name, start, steps));
  const columns = new Map<string, number>();
  const columnOf = (name: string, above: readonly string[] = []): number => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    const before = arrows.flatMap(({ from, to }) =>
      to === name && from !== undefined && from !== name && !above.includes(from) ? [from] : [],
    );
    return Math.max(-1, ...before.map((one) => columnOf(one, [...above, name]))) + 1;
  };
  for (const name of names) columns.set(name, columnOf(name));
  const taken = new Map<number, number>();
  const boxes = names.map((name): Box => {
    const column = columns.get(name) ?? 0;
    const row = taken.get(column) ?? 0;
    taken.set(column, row + 1);
    return { name, step: steps[name]!, column, row };
  });
  return {
    boxes,
    arrows,
    unreached: names.filter((name) => !arrows.some(({ to }) => to === name)),
    columns: Math.max(0, ...taken.keys()) + 1,
    rows: Math.max(1, ...taken.values()),
  };
}

/** What begins the step: the start of the process, and each step that waits for the same event, or is taken back by it. */
function arrowsTo(name: string, start: string, steps: ProcessFile['steps']): Arrow[] {
  const event = steps[name]!.on;
  const others = Object.entries(steps).filter(([other]) => other !== name);
  return [
    ...(event === start ? [{ from: undefined, to: name, event }] : []),
    ...others.flatMap(([from, { awaits, undo }]): Arrow[] => {
      if (awaits === event) return [{ from, to: name, event }];
      return undo?.awaits === event ? [{ from, to: name, event, back: true }] : [];
    }),
  ];
}
