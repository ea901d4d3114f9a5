/** The words of the workspace's first page. */
export const workspace = {
  title: 'Workspace',
  lead: 'What is decided here is a file each: mappings, value maps, events, partners, processes.',
};
