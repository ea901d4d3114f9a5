/** What was done about an issue before, as it is found in the journal. */

/** The nearest first: the same cause; the same code in the same flow, for processes at the same step; the same code. */
export const nearness = ['cause', 'place', 'code'] as const;
export type Near = (typeof nearness)[number];

export type HelpKind =
  | 'map' // an entry of a value map was added
  | 'edit' // the data was changed before it was sent again
  | 'flow' // the flow was another one when it landed
  | 'again' // it was sent again as it was
  | 'before' // what it waited for has landed
  | 'wait' // somebody let the issue wait
  | 'discard'; // it was given up

/** One thing that was done, or was seen to be over. */
export interface Tried {
  kind: HelpKind;
  near: Near;
  /** What tells it from others of its kind: a value map, fields, a reason, whom it waited for. */
  detail: string;
  by: string;
  time: string;
  /** Open: not known yet. Over: it was given up. */
  came: 'worked' | 'failed' | 'open' | 'over';
  issue: string;
  letter?: string;
}
