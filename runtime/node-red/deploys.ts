/** Takes the hub through each deploy: drained before flows stop, at work again when they run, also after a deploy that failed. */
import { setTimeout as sleep } from 'node:timers/promises';
import RED from 'node-red';
import { CodedError } from '../errors/coded-error.ts';
import type { FlowNode } from '../flow-file/format.ts';
import type { Hub } from '../hub/hub.ts';

export interface Deploys {
  /** Throws CodedError FLOW_LINT when running flows would stop because of a node type that does not exist. */
  check(flows: readonly FlowNode[]): void;
  /** Resolves when the work at hand is done, or its time is over. */
  begin(): Promise<void>;
  /** Resolves when the flows of the last deploy run and take work, or could not. */
  started(): Promise<void>;
  /** Called now, and each time flows have started. */
  each(then: () => void): void;
  /** Nothing is changed: the running flows go on. */
  failed(): void;
  /** The last drain: nothing begins again. */
  end(): Promise<void>;
}

/** Node-RED says this when flows do not run; without a state it only could not load them. */
interface RuntimeState {
  id: string;
  payload?: { state?: string; error?: string };
}

/** Longer than a start of flows takes; a start that never ends must not block deploys for ever. */
const startMs = 30_000;

/** Call it before Node-RED starts. */
export function watchDeploys(hub: Pick<Hub, 'pause' | 'hold' | 'resume'>): Deploys {
  let running = false;
  let ending = false;
  let starting = Promise.withResolvers<void>();
  starting.resolve();
  const started = (runs: boolean): void => {
    running = runs;
    const { resolve } = starting;
    if (runs && !ending) hub.resume().finally(resolve);
    else resolve();
  };
  RED.events.on('flows:starting', () => hub.hold());
  RED.events.on('flows:started', () => started(true));
  RED.events.on('runtime-event', ({ id, payload }: RuntimeState) => {
    if (id === 'runtime-state' && payload?.state === 'stop' && payload.error) started(false);
  });

  return {
    check(flows) {
      if (!running) return;
      const missing = flows.find(({ type }) => !isKnown(type, flows));
      if (missing)
        throw new CodedError('FLOW_LINT', `No flow would run: there is no node type ${missing.type}`, {
          node: String(missing.name || missing.id),
        });
    },
    async begin() {
      // Node-RED answers a deploy before its flows have started: the next one waits for that.
      const waiting = new AbortController();
      await Promise.race([starting.promise, sleep(startMs, undefined, { signal: waiting.signal })]);
      waiting.abort();
      await hub.pause();
      starting = Promise.withResolvers<void>();
    },
    started: () => starting.promise,
    each(then) {
      RED.events.on('flows:started', then);
      then();
    },
    failed: () => started(running),
    async end() {
      ending = true;
      await hub.pause();
    },
  };
}

function isKnown(type: string, flows: readonly FlowNode[]): boolean {
  if (['tab', 'subflow', 'group'].includes(type)) return true;
  if (type.startsWith('subflow:')) return flows.some(({ id }) => type === `subflow:${id}`);
  const { getType } = RED.nodes as unknown as { getType(type: string): unknown };
  return getType(type) !== undefined;
}
