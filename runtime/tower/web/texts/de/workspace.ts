/** The words of the workspace's first page. */
export const workspace = {
  title: 'Werkstatt',
  lead: 'Was hier entschieden wird, ist je eine Datei: Mappings, Wertelisten, Ereignisse, Partner, Prozesse.',
};
