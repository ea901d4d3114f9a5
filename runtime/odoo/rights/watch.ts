/**
 * Watches the rights that the running flows need in one Odoo. They are checked at the start and after Odoo was away.
 */
import type { Code } from '../../errors/codes.ts';
import type { Told } from '../../http/exchange.ts';
import type { Odoo } from '../client.ts';
import { demandRights } from './check.ts';
import type { Needs } from './needs.ts';

/** Collects what the nodes of a connection need. */
export interface Needing {
  need(needs: Needs): void;
}

export interface WatchedRights extends Needing {
  /** Called with the outcome of each exchange. */
  heard: Told;
  /** Call it after the key has changed: the rights are checked again. */
  again(): void;
  /** Called with the code of each failed call. A code that waiting cannot repair starts the check again. */
  failed(code: Code): void;
  close(): void;
}

/** Codes that stop every call until a person repairs the cause. */
const wrong = new Set<Code>(['ODOO_AUTH', 'ODOO_ADDRESS_WRONG']);

/** Outcomes that mean that Odoo is away or the key belongs to another user. */
const gone = new Set<number | string>(['unreachable', 401, 502, 503]);

/** `watch` calls `ready` until it does not throw, and returns a function that stops it. */
export function watchedRights(odoo: Odoo, watch: (ready: () => Promise<void>) => () => void): WatchedRights {
  const needed = new Set<Needs>();
  let known = false;
  let away = false;
  let unwatch = watch(ready);

  async function ready(): Promise<void> {
    await odoo.ready();
    let asked: number;
    do {
      asked = needed.size;
      await demandRights(odoo, needed);
    } while (needed.size > asked);
    known = true;
  }

  /** Starts the check again, unless one is still running. */
  function again(): void {
    if (!known) return;
    known = false;
    unwatch();
    unwatch = watch(ready);
  }

  return {
    again() {
      known = true;
      again();
    },
    need(needs) {
      needed.add(needs);
      again();
    },
    heard(came) {
      if (gone.has(came)) {
        away = true;
      } else if (away && typeof came === 'number' && came < 500) {
        away = false;
        again();
      }
    },
    failed(code) {
      if (wrong.has(code)) again();
    },
    close: () => unwatch(),
  };
}
