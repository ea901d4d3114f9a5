/** The addresses of the tower's pages that others lead to. */

export const addressOf = {
  order: ({ process, key }: { process: string; key: string }): string =>
    `/tower/orders/${encodeURIComponent(process)}/${encodeURIComponent(key)}`,
  letter: (id: string): string => `/tower/letters/${encodeURIComponent(id)}`,
};
