/** Die Kennzahlen des Geschäfts. */
import type { Like } from '../wording.ts';
import type { figures as english } from '../en/figures.ts';

export const figures: Like<typeof english> = {
  title: 'Kennzahlen',
  span: 'Gezählt über',
  'span.7': '7 Tage',
  'span.30': '30 Tage',
  'span.90': '90 Tage',
  print: 'Drucken',
  printed: 'Von {from} bis {to}, in Tagen nach UTC. Bestellungen des Prozesses {process}.',
  none: 'Es gibt keine Ziele: definitions/objectives.yaml schreiben, dann stehen die Kennzahlen daraus hier.',
  all: 'Alle Kennzahlen',
  figure: 'Kennzahl',
  value: 'Jetzt',
  target: 'Ziel',
  state: 'Stand',
  counted: 'Gezählt',
  owner: 'Team',
  tier: 'Stufe',
  met: 'erreicht',
  missed: 'verfehlt',
  open: 'nicht messbar',
  clear: 'nichts wartet',
  least: 'mindestens {target}',
  most: 'höchstens {target}',
  leastWithin: 'mindestens {target} innerhalb von {within}',
  mostWithin: 'höchstens {target} innerhalb von {within}',
  of: '{hits} von {count}',
  left: {
    one: '{count} weitere ist nicht zu beurteilen und nicht gezählt.',
    other: '{count} weitere sind nicht zu beurteilen und nicht gezählt.',
  },
  formula: 'Formel',
  basis: 'Grundlage',
  half: 'Die Hälfte brauchte höchstens {median}, neun von zehn höchstens {most}.',
  oldest: 'Am längsten wartet etwas seit {time}.',
  byPartner: 'Nach Partner',
  byWarehouse: 'Nach Lager',
  byFlow: 'Nach Flow',
  byVersion: 'Nach Version des Prozesses',
  byRelease: 'Nach dem Release, das zu Beginn lief',
  name: 'Name',
  share: 'Anteil',
  unknown: 'nicht bekannt',
  day: 'Tag',
  worse: 'Das Release {version} hat sie verschlechtert: {after} seit {since}, davor {before}.',
  worseCounts: 'Seither wurden {count} gezählt, davor {earlier}.',
  rollback:
    'Das Release {version} zurückholen: crossdock rollback --to UMGEBUNG --version {version}. Vorher nachsehen, ob sich an dem Tag noch etwas anderes geändert hat.',
  rolled: 'Es läuft nicht mehr, oder es gibt keines davor.',
  businessDays: { one: '{count} Arbeitstag', other: '{count} Arbeitstage' },
  parts: 'Nach Partner, Lager, Version und Release',
  lead: 'Jede Kennzahl sagt, was gezählt wird. Was nicht zu zählen ist, hat keine: es steht nie als null da.',
  said: 'Der letzte ist {last}, der niedrigste {lowest}.',
  nothingDrawn: 'An keinem Tag wurde etwas gezählt.',
  drawn: 'Jeder Tag',
  'missing.process': 'Diesen Prozess hat der Hub nicht.',
  'missing.nothing': 'In dieser Zeit ist nichts dergleichen geschehen.',
  'missing.requested':
    'Keine Bestellung sagt, wann der Kunde sie haben will: die Fakten des Prozesses haben kein „requested“.',
  'missing.lag': 'Noch kein Kanal hat dem Hub gesagt, dass er eine Bestandsänderung übernommen hat.',
  'missing.reconciliation': 'Es ist noch kein Abgleich gelaufen.',
  'missing.clear': 'Gerade wartet nichts.',
  'order-acceptance.title': 'Annahme von Bestellungen',
  'order-acceptance.formula':
    'Bestellungen, die innerhalb der Frist in Odoo bestätigt wurden ÷ (bestätigte Bestellungen + Bestellungen, die länger als die Frist warten)',
  'order-acceptance.basis':
    'Vom Eingang der Bestellung (order.received) bis sie in Odoo bestätigt ist (order.confirmed), nach der Uhr des Hubs. Sie zählt am Tag der Bestätigung; was zu lange wartet, zählt heute. Eine zurückgehaltene Bestellung zählt als wartende.',
  'order-ageing.title': 'Alter offener Bestellungen',
  'order-ageing.formula':
    'offene Bestellungen, die nicht länger als die Frist da sind ÷ alle offenen Bestellungen',
  'order-ageing.basis':
    'Bestellungen, die eingegangen sind (order.received) und deren Prozess in dem Moment weder fertig noch abgebrochen ist.',
  'shipment-confirmation.title': 'Meldung von Lieferungen',
  'shipment-confirmation.formula':
    'Lieferungen, die innerhalb der Frist in Odoo gebucht wurden ÷ gebuchte Lieferungen',
  'shipment-confirmation.basis':
    'Vom Abgang der Ware, wie das Lager ihn nennt (shippedAt), bis die Lieferung in Odoo steht (shipment.booked). Ohne das, was an einer Kasse übergeben wurde. Was noch nicht gebucht ist, zählt hier nicht, sondern steht als Ausnahme oder verspätet in der Arbeitsliste.',
  'invoice-backlog.title': 'Rückstand an Rechnungen',
  'invoice-backlog.formula':
    'Lieferungen ohne Rechnung, die nicht länger als die Frist gebucht sind ÷ alle Lieferungen ohne Rechnung',
  'invoice-backlog.basis':
    'Von der Buchung der Lieferung (shipment.booked; bei Leistungen: order.confirmed) bis zur Rechnung (invoice.posted): die erste Rechnung ist die der ersten Lieferung. Mit der Bestellung endet auch das.',
  'payment-matching.title': 'Zuordnung von Zahlungen',
  'payment-matching.formula':
    'Zahlungen, die gleich zu einer Rechnung gebucht wurden ÷ (gebuchte Zahlungen + Zahlungen, die Ausnahmen wurden)',
  'payment-matching.basis':
    'In Odoo gebuchte Zahlungen (payment.booked) und Ausnahmen von Zahlungen (payment.received) am Tag, an dem sie zuerst scheiterten. Eine, die scheiterte und später gebucht wurde, zählt einmal, als gescheitert. Eine verworfene zählt nicht.',
  'webhook-refusals.title': 'Abgewiesene Webhooks',
  'webhook-refusals.formula': 'abgewiesene Webhooks ÷ (abgewiesene + angenommene Webhooks)',
  'webhook-refusals.basis':
    'Antworten des Hubs auf Webhooks, nach Stunden. Ohne die, die noch einmal kamen, und ohne das, was abgewiesen wird, weil der Hub voll ist: das steht nur im Log.',
  'touchless.title': 'Bestellungen ohne Handgriff',
  'touchless.formula': 'fertige Bestellungen, um die sich niemand kümmern musste ÷ fertige Bestellungen',
  'touchless.basis':
    'Bestellungen, deren Prozess fertig ist, am Tag davon. Jemand musste sich kümmern: ein Schritt war verspätet oder scheiterte und jemand wurde gefragt, jemand griff ein, oder eine Ausnahme trägt die Nummer der Bestellung. Was von selbst noch einmal versucht wurde, zählt nicht. Abgebrochene Bestellungen zählen nicht.',
  'inventory-lag.title': 'Verzug der Bestände',
  'inventory-lag.formula':
    'Bestandsänderungen, die der Kanal innerhalb der Frist übernommen hat ÷ Bestandsänderungen',
  'inventory-lag.basis':
    'Bestände, die ein Kanal übernommen hat (stock.level.acknowledged), am Tag davon: von der Änderung in Odoo, deren Zeit ganze Sekunden hat, bis zur Antwort des Kanals. Mehrere wartende Änderungen eines Artikels sind eine, seit der ersten von ihnen. Was zu lange wartet, zählt heute als zu spät; warten können nur Artikel, die der Kanal schon einmal übernommen hat und noch verkauft. Ein Bestand, der nicht sagt, wann er sich geändert hat, zählt nicht.',
  'reconciliation-breaks.title': 'Abweichungen im Abgleich',
  'reconciliation-breaks.formula':
    'Aufträge mit einer Abweichung, um die sich jemand kümmern muss ÷ verglichene Aufträge',
  'reconciliation-breaks.basis':
    'Der letzte Abgleich jedes Tages, nach seinem Stichtag. Was nur eine Frage der Zeit ist, ist hier keine Abweichung. Aufträge, die nur Odoo hat, werden mitverglichen.',
  'line-fill.title': 'Erfüllung der Positionen',
  'line-fill.formula':
    'Artikel von Bestellungen, deren ganze Menge mit der ersten Lieferung ging ÷ Artikel von Bestellungen',
  'line-fill.basis':
    'Bestellungen, von denen nichts mehr zu liefern ist, am Tag davon. Verglichen wird mit der zuletzt bestellten Menge; wurde in einer anderen Einheit bestellt, als der Artikel hat, mit der Menge, die insgesamt ging. Ein Artikel, von dem nichts ging, kann eine Leistung sein: er zählt nicht.',
  'backorder-rate.title': 'Rückstände',
  'backorder-rate.formula':
    'Bestellungen, von denen nach der ersten Lieferung noch etwas offen ist ÷ Bestellungen mit einer ersten Lieferung',
  'backorder-rate.basis':
    'In Odoo offene Transfers der Bestellung, als die erste Lieferung gebucht wurde, am Tag davon.',
  'otif.title': 'Pünktlich und vollständig',
  'otif.formula':
    'Bestellungen, die bis zu ihrem Termin vollständig gingen ÷ (vollständig gegangene Bestellungen + offene, deren Termin vorbei ist)',
  'otif.basis':
    'Am Tag, an dem die Bestellung vollständig war; eine offene, deren Termin vorbei ist, zählt heute. Wann sie ging, sagt das Lager (shippedAt). Es geht um den Abgang, nicht um die Ankunft.',
  'perfect-order.title': 'Perfekte Bestellungen',
  'perfect-order.formula':
    'fertige Bestellungen, die bis zu ihrem Termin vollständig gingen, mit einer Lieferung, ohne Rückgabe und ohne dass sich jemand kümmern musste ÷ fertige Bestellungen, die geliefert wurden',
  'perfect-order.basis': 'Bestellungen, deren Prozess fertig ist, am Tag davon.',
  'days-to-cash.title': 'Tage bis zum Geld',
  'days-to-cash.formula': 'Bestellungen, die innerhalb der Frist bezahlt wurden ÷ bezahlte Bestellungen',
  'days-to-cash.basis':
    'Vom Eingang der Bestellung (order.received) bis zur Buchung der letzten Zahlung, die sie brauchte (payment.booked), am Tag davon. Bestellungen, die niemand bezahlt hat, zählen nicht.',
  'date.promised':
    'Der Termin ist der, den der Prozess verspricht: der Plan seines Schritts shipment, gezählt ab der Bestätigung.',
  'date.requested': 'Der Termin ist der, den der Kunde wünscht: „requested“ in den Fakten des Prozesses.',
};
