/** Long answers, a page at a time: no question takes long, and no page is held longer than its rows are looked at. */

/** Row by row. `page` gives at most so many rows in their order, those after the place of the last one; fewer are the last. */
export async function* inPages<Place, Row extends Place>(
  page: (after: Place | undefined, limit: number) => Promise<Row[]>,
  limit = 500,
): AsyncGenerator<Row> {
  for (let after: Row | undefined; ;) {
    const rows = await page(after, limit);
    yield* rows;
    if (rows.length < limit) return;
    after = rows.at(-1);
  }
}
