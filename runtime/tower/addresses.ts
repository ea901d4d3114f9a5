/** The addresses of the tower's pages that others lead to. */

export const addressOf = {
  order: ({ process, key }: { process: string; key: string }): string =>
    `/tower/orders/${encodeURIComponent(process)}/${encodeURIComponent(key)}`,
  /** Of what no process follows: by its transaction, or by a number. */
  trace: (called: string): string => `/tower/orders/-/${encodeURIComponent(called)}`,
  letter: (id: string): string => `/tower/letters/${encodeURIComponent(id)}`,
};
