/** What Crossdock ships to be taken into a hub. */
export const catalogue = {
  nav: 'Catalogue',
  lead: 'Flows that come with Crossdock, with all they need. What you take is copied into your files; later versions are merged by “crossdock upgrade”, and your changes stay.',
  empty: 'This hub has no flow yet. Take what you connect, then change it in the editor.',
  notOwn:
    'This hub was not made by “crossdock init”: it has the flows that its folder has, and takes nothing here.',
  release: 'This hub runs a release. Take from the catalogue where the flows are made.',
  partner: 'Partners',
  area: 'Areas',
  needs: 'Comes with: {names}',
  has: 'Here',
  add: 'Add',
  addOne: 'Add {title}',
  adding: 'Being added …',
  added: '{title} runs in this hub: {count} files are new or changed.',
  missing: 'It still needs these names in the file .env; then start the hub again:',
  kept: 'Files of your own that stand where one of the catalogue would, and stay:',
  editor: 'See its flows in the editor',
};
