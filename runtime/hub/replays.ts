/** What a hub knows for replays, and its part in driving them. */
import { asCoded } from '../errors/coded-error.ts';
import type { Hub } from './hub.ts';
import { replayDriver } from '../replay/drive.ts';
import type { Witnesses } from '../replay/known.ts';
import { askOdoo } from '../replay/odoo.ts';

/** Until the next look at what runs. */
const busyMs = 200;
const idleMs = 1000;

/** Of the flows that run in this process; on the cluster others know of outages that this one does not see. */
export function witnessesOf(hub: Hub): Witnesses {
  const { journal, catalogue, values, consumers } = hub;
  const [odoo] = hub.odoos;
  return {
    evidence: journal.evidence,
    replays: journal.replays,
    catalogue,
    values,
    versions: new Map([...consumers].map(({ flow, flowVersion }) => [flow, flowVersion])),
    outages: new Map(
      [...consumers].flatMap(({ queue, state }) => (state.is === 'outage' ? [[queue, state.code]] : [])),
    ),
    ...(odoo && { odoo: askOdoo(odoo) }),
  };
}

/** A hub without flows, or one that is to be quiet, drives none. */
export function drivingReplays(hub: Hub): { stop(): Promise<void> } {
  const witnesses = (): Witnesses => {
    const { odoo: _odoo, ...others } = witnessesOf(hub);
    return others;
  };
  const poll = replayDriver({ stores: hub, witnesses, log: hub.log });
  let stopped = false;
  let looking: Promise<void> | undefined;
  let timer = setTimeout(turn, idleMs).unref();

  function turn(): void {
    looking = drive().then((busy) => {
      if (!stopped) timer = setTimeout(turn, busy ? busyMs : idleMs).unref();
    });
  }

  async function drive(): Promise<boolean> {
    if (hub.quiet || hub.consumers.size === 0) return false;
    try {
      return await poll();
    } catch (error) {
      hub.log.warn({ err: asCoded(error) }, 'Replays are looked at later');
      return false;
    }
  }

  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await looking;
    },
  };
}
