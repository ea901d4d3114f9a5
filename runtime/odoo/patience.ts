/** Decides how long to wait after a failure of Odoo, and whether the failure is news. */

const longestMs = 5 * 60_000;

export interface Patience {
  /** Notes a failure. Returns the ms until Odoo is asked again, and whether the failure differs from the last one. */
  failed(failure: { code: string; message: string; retryable: boolean }): { waitMs: number; isNews: boolean };
  /** Notes a success. Returns how many failures came before it. */
  worked(): number;
}

/**
 * Retryable failures are retried every `everyMs`. The wait doubles for failures that a person has to repair, up to 5
 * minutes.
 */
export function patience(everyMs: number): Patience {
  let said = '';
  let count = 0;
  let waitMs = everyMs;
  return {
    failed({ code, message, retryable }) {
      const isNews = said !== `${code} ${message}`;
      waitMs = isNews || retryable ? everyMs : Math.max(everyMs, Math.min(waitMs * 2, longestMs));
      said = `${code} ${message}`;
      count += 1;
      return { waitMs, isNews };
    },
    worked() {
      const before = count;
      [said, count, waitMs] = ['', 0, everyMs];
      return before;
    },
  };
}
