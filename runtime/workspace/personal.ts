/** Which fields of a partner's message are about a person: by their names, and by what a value looks like. */

export type Kind =
  | 'name'
  | 'email'
  | 'phone'
  | 'street'
  | 'city'
  | 'postcode'
  | 'place'
  | 'ip'
  | 'note'
  | 'number'
  | 'secret'
  | 'text';

/** Names without case, blanks and signs: `first_name`, `FirstName` and `first-name` are one. */
const byName: readonly [Kind, RegExp][] = [
  [
    'secret',
    /password|secret|authorization|(^|auth|access|refresh|cart|checkout|client)token$|apikey|cookie|^signature$/,
  ],
  ['secret', /^orderstatusurl$|^receipturl$|^hostedinvoiceurl$|^landingsite$|^referringsite$|^orderkey$/],
  ['email', /e?mail(address)?$|^email/],
  [
    'phone',
    /phone|mobile|^(tel|fax|mobil|handy)$|^tel(nr|no|privat|mobil|f[0-9x]$)|telefon|telefax|faxnumber/,
  ],
  ['ip', /^ip$|ipaddress|browserip|clientip|remoteaddr/],
  ['postcode', /^(zip|postal|post)code$|^zip$|postalcode$|postcode$|postalzone$|^(plz|pstlz|postleitzahl)/],
  [
    'street',
    /address(line)?[0-9]*$|adresse$|^street|^line[0-9]$|strasse$|^stras[0-9]?$|hausnummer$|^houseno|^hausn|^housenumber|^(ship|bill|sold)to$/,
  ],
  [
    'city',
    /^(ship|shipping|bill|billing|home|delivery)?city$|^(town|locality|ort|stadt|wohnort)$|^ort[0-9]+$|cityname$/,
  ],
  ['place', /^(latitude|longitude|lat|lng|lon|gps)$/],
  [
    'number',
    /^(vat|tax)(id|number|no)$|^ustid|^iban$|^last4$|birth|^dob$|geburt|^ssn$|passport|accountnumber|cardnumber|fingerprint$/,
  ],
  [
    'note',
    /notes?$|^bemerkung|^notiz|^nachricht$|comments?$|remarks?$|giftmessage|^message$|instructions?$|freetext/,
  ],
  [
    'name',
    /(first|last|middle|given|family|full|nick|user|buyer|customer|contact|recipient|display|company)name$/,
  ],
  [
    'name',
    /^company$|^attention$|surname$|^salutation$|nameoncard|^cardholder|^signedby$|^(contact|recipient|consignee)$/,
  ],
  ['name', /(vor|nach)name$|^anrede$|^empfanger|^ansprechpartner|^firma$|^kunde$|^deliverto$/],
];

/** A plain `name` is a person's where it stands in one of these. */
const person =
  /customer|address|billing|shipping|buyer|recipient|contact|consignee|shipto|soldto|billto|owner|sender|person|user|attendee|party(name)?$|^kunde$|^empfanger$|anschrift$/;
/** Here it is a thing's, whatever stands around. */
const thing = /lineitem|^items?$|product|shippingline|taxline|discount|variant|fulfillment$|carrier/;

const shapes: readonly [Kind, RegExp][] = [
  ['email', /^[^\s@<>"]+@[^\s@<>"]+\.[a-z]{2,}$/i],
  ['ip', /^(\d{1,3}\.){3}\d{1,3}$/],
  ['ip', /^(?=.*[a-f0-9]{2,}:)([a-f0-9]{0,4}:){3,7}[a-f0-9]{0,4}$/i],
  ['phone', /^\+\d[\d ()./-]{6,18}\d$/],
  ['phone', /^\(\d{3}\) ?\d{3}-\d{4}$/],
  ['number', /^[A-Z]{2}\d{2}( ?[A-Z0-9]{4}){3,7}( ?[A-Z0-9]{1,3})?$/],
];

/** `path`: the names that lead to it, without the places in lists. */
export function kindOf(path: readonly string[], value: string | number): Kind | undefined {
  const [field = '', ...around] = path.map(plain).toReversed();
  const named = byName.find(([, names]) => names.test(field))?.[0];
  if (named) return named;
  const [near = ''] = around;
  if (field === 'name' && person.test(near) && !thing.test(near)) return 'name';
  // `name1` of an address in two lines, and the parts of a name.
  if (/^name[1-4]$/.test(field) && !thing.test(near)) return 'name';
  if (/^(first|last|given|middle|family)$/.test(field) && near.endsWith('name')) return 'name';
  if (field === 'number' && /^(credit|debit)?card$/.test(near)) return 'number';
  if (typeof value === 'number') return undefined;
  return shapes.find(([, shape]) => shape.test(value.trim()))?.[0];
}

/** `Empfänger` is empfanger, `Straße` is strasse. */
function plain(name: string): string {
  return name
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .normalize('NFD')
    .replaceAll(/[^a-z0-9]/g, '');
}
