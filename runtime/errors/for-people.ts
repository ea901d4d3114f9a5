/** What another system said, where a person may read it. */

/**
 * Another system's own sentence about refused data, 500 characters at the most. Undefined when it hands on the words
 * of its database, which quote whole rows, or of its program.
 */
export function forPeople(message: unknown): string | undefined {
  const said = typeof message === 'string' ? message.trim().slice(0, 500) : '';
  return said === '' || /violates .*constraint|DETAIL:|Traceback|<class '/.test(said) ? undefined : said;
}
