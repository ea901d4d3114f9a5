/**
 * Lets each message be worked on once. That saves work; the exactly-once effect itself comes from Odoo's external ids.
 */

export interface Claim {
  key: string;
  /** Proves that the holder has the current lease. */
  token: string;
}

export type ClaimResult =
  | { state: 'new'; claim: Claim }
  | { state: 'in-flight'; retryAfterMs: number }
  | { state: 'done'; result: unknown } // with the answer of the first time
  | { state: 'conflict' }; // the key came with other content

export interface ClaimRequest {
  key: string;
  /** A digest of the content. It distinguishes a repetition from a conflict. */
  fingerprint: string;
  /** How long the claim is held, in ms. A claim that is neither committed nor released by then is free again. */
  leaseMs: number;
  /** True if commands beside the hub may claim this key too. Default false. */
  beside?: boolean;
}

export interface Guard {
  /**
   * Claims the key. `new`: the caller is the first and has to commit or release it. `in-flight`: another works on it,
   * and after `retryAfterMs` it may be free. `done`: it was committed, with its result. `conflict`: the key came with
   * another fingerprint. Throws CodedError STORE_UNAVAILABLE.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /**
   * Keeps `result`, which must be JSON, for `keepMs` milliseconds. False if the lease was lost: another may have done
   * the work too. Throws CodedError STORE_UNAVAILABLE.
   */
  commit(claim: Claim, result: unknown, keepMs: number): Promise<boolean>;
  /** Frees the key. False if the lease was lost. Throws CodedError STORE_UNAVAILABLE. */
  release(claim: Claim): Promise<boolean>;
  /** Resolves if the store can be reached. Throws CodedError STORE_UNAVAILABLE otherwise. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
