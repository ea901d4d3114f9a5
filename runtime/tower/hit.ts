/** What a search finds: names, and what stands where they lead. */
import type { AliasTable } from '../journal/tables.ts';

/** Where a hit leads. */
export type Leads = Pick<AliasTable, 'leads' | 'process' | 'key'>;

/** A name, and where it leads. */
export type Found = Leads & Pick<AliasTable, 'kind' | 'value'>;

export interface Hit {
  /** As people say it: order, tracking number, exception. */
  kind: string;
  value: string;
  /** Of its page. */
  href: string;
  /** ISO 8601, UTC: when something last happened there. */
  time: string;
  order?: OrderHit;
  exception?: ExceptionHit;
  /** Of what became no order: the last that was noted of it. */
  last?: { flow: string; step: string; outcome: string };
}

export interface OrderHit {
  process: string;
  key: string;
  number: string;
  partner: string | null;
  state: string;
  step: string | null;
  /** Somebody has to look at it. */
  attention: boolean;
}

export interface ExceptionHit {
  id: string;
  flow: string;
  code: string;
  state: string;
}
