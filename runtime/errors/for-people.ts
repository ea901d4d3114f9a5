/** What another system said, where a person may read it. */

/** How databases and programs speak of themselves. */
const programs =
  /violates .*constraint|(DETAIL|HINT|CONTEXT|LINE \d+):|ON CONFLICT|\b(INSERT INTO|SELECT .* FROM|UPDATE .* SET|DELETE FROM)\b|(relation|column) "|psycopg|Traceback|<class '/;

/**
 * Another system's own sentence about refused data, 500 characters at the most. Undefined when it hands on the words
 * of its database, which quote whole rows, or of its program.
 */
export function forPeople(message: unknown): string | undefined {
  const said = typeof message === 'string' ? message.trim().slice(0, 500) : '';
  return said === '' || programs.test(said) ? undefined : said;
}
