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
  /** A digest of the content, which tells a repetition from a conflict. */
  fingerprint: string;
  /** How long the claim is held, in ms. One that is neither committed nor released by then is free again. */
  leaseMs: number;
  /** True where commands beside the hub may claim this key too. Default false. */
  beside?: boolean;
}

export interface Guard {
  /**
   * Claims the key: `new` for the first to do so, who has to commit or release it; `in-flight` while another works on it,
   * with the ms after which it may be free; `done` with its result when it was committed; `conflict` where the key came with
   * another fingerprint. Throws CodedError STORE_UNAVAILABLE.
   */
  claim(request: ClaimRequest): Promise<ClaimResult>;
  /**
   * Keeps `result`, which is JSON, for `keepMs` milliseconds. False when the lease was lost meanwhile: somebody else may have
   * done the work too. Throws CodedError STORE_UNAVAILABLE.
   */
  commit(claim: Claim, result: unknown, keepMs: number): Promise<boolean>;
  /** Frees the key. False when the lease was lost meanwhile. Throws CodedError STORE_UNAVAILABLE. */
  release(claim: Claim): Promise<boolean>;
  /** Resolves when the store can be reached; throws CodedError STORE_UNAVAILABLE when it cannot. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
