/** How long to leave Odoo alone after a refusal, and what is said of it: the same thing once, and then how often. */

const longestMs = 5 * 60_000;

export interface Patience {
  /** Of one failure: when to ask again, and whether it is news. */
  failed(failure: { code: string; message: string; retryable: boolean }): { waitMs: number; isNews: boolean };
  /** How many failures went before. */
  worked(): number;
}

/** What a later try may mend is asked for as often as ever; what somebody must mend more and more seldom. */
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
