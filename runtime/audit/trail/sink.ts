/** A place outside of the store that takes checkpoints. */
import type { Checkpoint } from './checkpoint.ts';

export interface Sink {
  /** The setting it comes from. */
  name: string;
  send(checkpoint: Checkpoint): Promise<void>;
}
