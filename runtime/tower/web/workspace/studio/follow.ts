/** What the hub says of what is written: what is wrong at once, the result as soon as nobody types. */
import type { RunAnswer, RunWanted } from '../../../../workspace/studio/run.ts';
import type { ApiError } from '../../kit/api.ts';

export interface Told {
  answer?: RunAnswer;
  /** The text whose fields the targets of the answer are. */
  of?: string;
  error?: ApiError;
}

type Show = (next: (before: Told) => Told) => void;
type Ask = (what: 'read' | 'run', wanted: RunWanted) => Promise<RunAnswer>;

export interface Follower {
  changed(wanted: RunWanted): void;
  end(): void;
}

const pauseMs = 120;

/** A run begins when what stands there was read. No reading waits for a run. */
export function follower(ask: Ask, show: Show): Follower {
  let newest: RunWanted | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function said(what: 'read' | 'run', wanted: RunWanted): Promise<void> {
    try {
      const answer = await ask(what, wanted);
      if (wanted === newest) show((before) => next(before, what, answer, wanted.text));
    } catch (error) {
      if (wanted === newest) show((before) => ({ ...before, error: error as ApiError }));
    }
  }
  const runs = oneAtATime((wanted) => said('run', wanted));
  const readings = oneAtATime(async (wanted) => {
    await said('read', wanted);
    if (wanted === newest) timer = setTimeout(runs.want, pauseMs, wanted);
  });

  return {
    changed(wanted) {
      clearTimeout(timer);
      runs.forget();
      newest = wanted;
      readings.want(wanted);
    },
    end() {
      clearTimeout(timer);
      newest = undefined;
    },
  };
}

/** What is wanted meanwhile is next, the last of it only. */
function oneAtATime(work: (wanted: RunWanted) => Promise<void>) {
  let due: RunWanted | undefined;
  let isBusy = false;
  async function begin(wanted: RunWanted): Promise<void> {
    isBusy = true;
    due = undefined;
    await work(wanted);
    isBusy = false;
    if (due) void begin(due);
  }
  return {
    want(wanted: RunWanted): void {
      due = wanted;
      if (!isBusy) void begin(wanted);
    },
    forget: (): void => (due = undefined),
  };
}

/** While it is no expression, where its fields come from stays: somebody may be at work on one of them. */
function next(before: Told, what: 'read' | 'run', answer: RunAnswer, text: string): Told {
  const shown = what === 'run' ? answer : over(before.answer, answer);
  if (answer.targets) return { answer: shown, of: text };
  const { targets = [] } = before.answer ?? {};
  return { answer: { ...shown, targets }, of: before.of ?? text };
}

/** The result and its verdict stay until the next run. */
function over(before: RunAnswer = { used: [] }, { error, wrong, targets }: RunAnswer): RunAnswer {
  if (error) return { ...before, error };
  const { error: failed, ...rest } = before;
  const still = failed && failed.code !== 'MAPPING_INVALID' ? { error: failed } : {};
  return { ...rest, ...still, ...(wrong && { wrong }), ...(targets && { targets }) };
}
