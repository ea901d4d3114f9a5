/** Which methods of Odoo only read: what calls them needs no authority, and may ask twice. */

const readMethods: ReadonlySet<string> = new Set([
  'search',
  'search_read',
  'search_count',
  'search_fetch',
  'read',
  'read_group',
  'formatted_read_group',
  'formatted_read_grouping_sets',
  'web_read',
  'web_search_read',
  'web_read_group',
  'name_get',
  'name_search',
  'fields_get',
  'default_get',
  'exists',
]);

/** Methods of Odoo that change nothing. */
export function reads(method: string): boolean {
  return readMethods.has(method);
}
