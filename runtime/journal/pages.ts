/** Long answers, a page at a time: no question takes long, and no page is held longer than its rows are looked at. */

/** Page by page, the last of which may be empty. `page` gives at most so many rows in their order, those after the place of the last one; fewer are the last. */
export async function* pages<Cursor, Row extends Cursor>(
  page: (after: Cursor | undefined, limit: number) => Promise<Row[]>,
  limit = 500,
): AsyncGenerator<Row[]> {
  for (let after: Row | undefined; ;) {
    const rows = await page(after, limit);
    yield rows;
    if (rows.length < limit) return;
    after = rows.at(-1);
  }
}

/** The same row by row. */
export async function* inPages<Cursor, Row extends Cursor>(
  page: (after: Cursor | undefined, limit: number) => Promise<Row[]>,
  limit?: number,
): AsyncGenerator<Row> {
  for await (const rows of pages(page, limit)) yield* rows;
}
