/** Was Crossdock mitbringt und ein Hub übernehmen kann. */
export const catalogue = {
  nav: 'Katalog',
  lead: 'Flows, die mit Crossdock kommen, mit allem, was sie brauchen. Was Sie übernehmen, wird in Ihre Dateien kopiert; spätere Versionen führt „crossdock upgrade“ zusammen, und Ihre Änderungen bleiben.',
  empty:
    'Dieser Hub hat noch keinen Flow. Übernehmen Sie, was Sie anbinden, und ändern Sie es dann im Editor.',
  notOwn:
    'Dieser Hub wurde nicht mit „crossdock init“ angelegt: Er hat die Flows seines Ordners und übernimmt hier nichts.',
  release: 'Auf diesem Hub läuft ein Release. Übernehmen Sie aus dem Katalog dort, wo die Flows entstehen.',
  partner: 'Partner',
  area: 'Bereiche',
  needs: 'Kommt mit: {names}',
  has: 'Vorhanden',
  add: 'Übernehmen',
  addOne: '{title} übernehmen',
  adding: 'Wird übernommen …',
  added: '{title} läuft in diesem Hub: {count} Dateien sind neu oder geändert.',
  missing: 'Es fehlen noch diese Namen in der Datei .env; danach starten Sie den Hub neu:',
  kept: 'Eigene Dateien, die dort stehen, wo eine des Katalogs stünde, und bleiben:',
  editor: 'Die Flows im Editor ansehen',
};
