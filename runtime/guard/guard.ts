/** Counts a message once. It saves work; the exactly-once effect itself comes from the edge (Odoo's external ids). */

export interface Claim {
  key: string;
  /** Proves that the holder's lease is the current one. */
  token: string;
}

export type ClaimResult =
  | { state: 'new'; claim: Claim }
  | { state: 'in-flight'; retryAfterMs: number }
  | { state: 'done'; result: unknown } // what was answered the first time
  | { state: 'conflict' }; // the same key with another content

export interface ClaimRequest {
  key: string;
  /** A digest of the content, to tell a repetition from a conflict. */
  fingerprint: string;
  /** A claim that is neither committed nor released is free again after this. */
  leaseMs: number;
  /** Commands beside the hub may claim this key too. */
  beside?: boolean;
}

export interface Guard {
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /** False when the lease was lost meanwhile: someone else may have done the work too. `result` is JSON. */
  commit(claim: Claim, result: unknown, keepMs: number): Promise<boolean>;
  /** False when the lease was lost meanwhile. */
  release(claim: Claim): Promise<boolean>;
  /** Throws CodedError STORE_UNAVAILABLE, as every call does when the store cannot be reached. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
