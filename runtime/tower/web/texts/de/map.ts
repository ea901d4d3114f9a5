/** The words of the map of all flows. */
export const map = {
  nav: 'Karte',
  title: 'Karte der Flows',
  lead: 'Jeder Kasten ist ein Flow und führt zu ihm im Editor: Grün nimmt von außen, Gelb schreibt nach außen. Eine Linie ist, was ein Flow veröffentlicht und ein anderer nimmt.',
  find: 'Flow, Ereignis oder Warteschlange',
  partner: 'Partner',
  team: 'Team',
  all: 'alle',
  count: '{flows} Flows, {events} Ereignisse',
  picture: 'Karte der Flows; die Tabelle darunter sagt dasselbe',
  table: 'Wer was veröffentlicht und wer es nimmt',
  event: 'Ereignis',
  from: 'Veröffentlicht von',
  queue: 'Warteschlange',
  to: 'Genommen von',
  nobody: 'niemand',
  none: 'Kein Ereignis, keine Warteschlange und kein Flow heißt so.',
};
