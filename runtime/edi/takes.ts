/** Which documents of an interchange are taken, and what they are checked against. */
import type { Interchange } from './document.ts';
import type { DocumentTypes } from './document-types.ts';

export interface Takes {
  types: readonly string[];
  /** Tests, or what is none; undefined: both. */
  test?: boolean;
  /** What the segments are checked against; undefined: they are not. */
  known?: DocumentTypes;
}

/** Of whoever sent it. May throw. */
export type Taken = (ends: Pick<Interchange, 'sender' | 'receiver'>) => Takes;
