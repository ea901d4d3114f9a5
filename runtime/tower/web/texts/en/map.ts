/** The words of the map of all flows. */
export const map = {
  nav: 'Map',
  title: 'Map of the flows',
  lead: 'Each box is a flow and leads to it in the editor: green takes from outside, yellow writes outside. A line is what one flow publishes and another takes.',
  find: 'Flow, event or queue',
  partner: 'Partner',
  team: 'Team',
  all: 'all',
  count: '{flows} flows, {events} events',
  picture: 'Map of the flows; the table below says the same',
  table: 'Who publishes and who takes what',
  event: 'Event',
  from: 'Published by',
  queue: 'Queue',
  to: 'Taken by',
  nobody: 'nobody',
  none: 'No event, queue or flow has that in its name.',
};
