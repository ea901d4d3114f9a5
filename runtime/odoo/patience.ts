/** How long to leave Odoo alone after a refusal, and what is said of it: the same thing once, and then how often. */

const longestMs = 5 * 60_000;

export interface Patience {
  /** What follows from one failure: the ms until Odoo is asked again, and whether the failure is news. */
  failed(failure: { code: string; message: string; retryable: boolean }): { waitMs: number; isNews: boolean };
  /** How many failures went before. */
  worked(): number;
}

/** Failures that may pass are retried at a steady pace; those that somebody has to repair, less and less often. */
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
