/** The rights that the running flows need of one Odoo: asked when they start, and when it was away. */
import type { Code } from '../../errors/codes.ts';
import type { Told } from '../../http/exchange.ts';
import type { Odoo } from '../client.ts';
import { demandRights } from './check.ts';
import type { Needs } from './needs.ts';

/** Of a connection: its nodes say what they need. */
export interface Needing {
  need(needs: Needs): void;
}

export interface WatchedRights extends Needing {
  /** Hears of each call. */
  heard: Told;
  /** The key is another one: it is asked anew. */
  again(): void;
  /** Hears the code of each call that failed: what no waiting mends is told as at the start. */
  failed(code: Code): void;
  close(): void;
}

/** Nobody's call can work until somebody mends it. */
const wrong = new Set<Code>(['ODOO_AUTH', 'ODOO_ADDRESS_WRONG']);

/** What says that Odoo is away, or that the key is another's. */
const gone = new Set<number | string>(['unreachable', 401, 502, 503]);

/** `watch` asks `ready` until it does not throw, and gives what ends it. */
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

  /** What is not known yet is being asked. */
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
