/** What a webhook route is: which requests it takes, within which limits, and what works on them. */
import type { Tier } from '../limits/limits.ts';
import type { Unverified } from '../verify/scheme.ts';
import type { Answer } from './answer.ts';
import type { Edge } from './edge.ts';

export interface IntakeRequest {
  /** A new id for each request, which is also in the answer. */
  id: string;
  unverified: Unverified;
  params: Record<string, string>;
  /** The parameters of the query; of several with one name the last. */
  query: Record<string, string>;
  ip: string;
  method: string;
}

export type Handler = (request: IntakeRequest) => Promise<Answer>;

export interface Rate {
  points: number;
  perS: number;
  /** Whether the budget is for the whole route (default), or for each client address. */
  by?: 'route' | 'ip';
}

export interface Route {
  /** A path below the base: `/hooks/shopify`, `/hooks/:partner`. */
  path: string;
  /** The HTTP methods it takes. Default POST. */
  methods?: readonly string[];
  /** Size limit of the body, in bytes. Default 1 MiB. */
  maxBytes?: number;
  /** The tier whose share of the intake its requests take. Default `standard`. */
  tier?: Tier;
  /** How many requests are taken in how many seconds. Default: no limit. */
  rate?: Rate;
  /** What the interface asks of a request besides. Default: nothing. */
  edge?: Edge | undefined;
  /** Works on the request. An error it throws is answered by its code. */
  handler: Handler;
}
