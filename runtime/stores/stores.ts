/** Broker, guard and journal of a hub, opened together. */
import type { Broker } from '../broker/broker.ts';
import type { Guard } from '../guard/guard.ts';
import type { Journal } from '../journal/journal.ts';
import type { Room, Store } from '../sqlite/store.ts';

export interface Stores {
  broker: Broker;
  guard: Guard;
  journal: Journal;
  /** Of the embedded store. */
  room?: () => Room;
  /** What the disk of the embedded store has left, in bytes. */
  disk?: () => Promise<number>;
  /** What `ask` asks of these before it first waits is kept as a whole or not at all. Where one store keeps all of them. */
  atOnce?: Store['together'];
  /** Drains the broker first; what its handlers still do reaches guard and journal. */
  close(): Promise<void>;
}

export function together(broker: Broker, guard: Guard, journal: Journal, end: () => void): Stores {
  return {
    broker,
    guard,
    journal,
    async close() {
      await broker.close();
      await Promise.all([guard.close(), journal.close()]);
      end();
    },
  };
}
