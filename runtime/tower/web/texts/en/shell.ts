/** On every page. */
export const shell = {
  pages: 'Pages',
  skip: 'Go to the content',
  search: 'Search',
  searchHint: 'Find any number   /',
  language: 'Language',
  teams: 'In: {teams}',
  editor: 'Editor of the flows',
  logOut: 'Log out',
  close: 'Close',
  loading: 'One moment …',
  again: 'Try again',
  logId: 'Number in the log: {id}',
  now: 'just now',
  more: 'Show more',
  rows: { one: '{count} row', other: '{count} rows' },
  csv: 'Download these rows (CSV)',
  noPage: 'There is no such page',
  noPageHelp: 'The address may be old, or a part of it is missing.',
  home: 'Go to the work queue',
  noScript:
    'The control tower needs JavaScript. Allow it for this address in your browser, then load the page again.',
};
