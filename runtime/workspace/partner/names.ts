/** What partners call the fields of the canonical documents. */

export type Role = 'customer' | 'ship' | 'bill';

/** Words in a path that say whose a field is. */
export const roles: Record<Role, ReadonlySet<string>> = {
  customer: new Set([
    'customer',
    'buyer',
    'client',
    'user',
    'purchaser',
    'account',
    'contact',
    'consumer',
    'kunde',
  ]),
  ship: new Set([
    'ship',
    'shipping',
    'shipto',
    'delivery',
    'deliver',
    'recipient',
    'consignee',
    'destination',
  ]),
  bill: new Set(['bill', 'billing', 'billto', 'invoice', 'payer', 'invoicing']),
};

export interface Called {
  /** Whose the field must be; without one, nobody's. */
  role?: Role;
  /** Ends of the path, the best first, in lower case and without separators. */
  tails: readonly string[];
}

const list = (text: string): string[] => text.trim().split(/\s+/);

const address: Record<string, string> = {
  name: 'name fullname contactname attention attn',
  company: 'company companyname organisation organization business',
  street: 'street street1 address1 addressline1 line1 addressline streetaddress address',
  street2: 'street2 address2 addressline2 line2',
  city: 'city town locality place',
  postalCode: 'postalcode postcode zip zipcode postal plz',
  region: 'region state province statecode provincecode',
  country: 'countrycode country countryiso countryiso2',
  phone: 'phone phonenumber telephone mobile tel',
  email: 'email emailaddress mail',
};

function of(role: Role, at: string, tails: Record<string, string>): [string, Called][] {
  return Object.entries(tails).map(([name, text]) => [`${at}.${name}`, { role, tails: list(text) }]);
}

const order: Record<string, string> = {
  id: 'orderid id uuid externalid orderuuid ordernumber orderno number reference',
  number: 'ordernumber orderno ordername number no orderref orderreference displayid reference orderid id',
  reference: 'purchaseorder ponumber purchaseordernumber po customerreference yourreference',
  version: 'updatedat modifiedat lastmodified datemodified changedat updated lastupdated',
  placedAt:
    'placedat orderedat datecreatedgmt orderdate createdat created dateordered datecreated date ordertime placed ordered purchasedate createdon timestamp',
  currency: 'currency currencycode currencyiso curr',
  warehouse: 'warehouse warehousecode location locationcode',
  paymentTerms: 'paymentterms terms paymentterm',
  note: 'note notes comment comments remark remarks message instructions',
  'totals.net': 'totalnet nettotal net subtotal netamount totalexcltax totalexclvat totalwithouttax',
  'totals.tax': 'totaltax taxtotal tax taxamount totalvat vattotal vatamount vat taxes',
  'totals.gross':
    'totalgross grosstotal grandtotal gross ordertotal total totalamount totalprice amountdue totalincltax totalinclvat totalpaid amount',
  pricesIncludeTax: 'pricesincludetax taxincluded taxesincluded pricesincludevat vatincluded',
};

const line: Record<string, string> = {
  id: 'lineid linenumber lineno line position pos id itemid row index',
  sku: 'sku articlenumber productnumber articleno article itemnumber itemno productcode itemcode partnumber productsku productid code ref reference part model',
  barcode: 'barcode ean gtin upc ean13',
  name: 'name title description productname itemname label text article',
  quantity: 'quantity qty orderedquantity quantityordered count units pieces amount menge',
  uom: 'uom unitofmeasure unitcode unit',
  unitPrice:
    'unitprice price priceperunit priceeach unitpricegross unitpricenet unitgross unitnet pricegross pricenet grossprice netprice unitamount each unitcost',
  discount: 'discountamount discount linediscount rebate',
  taxes: 'taxrate vatrate taxpercent vatpercent taxpercentage rate vat tax',
};

export const lineTax = list('taxamount vatamount totaltax taxtotal linetax totalvat vattotal');
export const first = list('firstname givenname forename first');
export const last = list('lastname surname familyname last');
export const freight: Called = {
  role: 'ship',
  tails: list('cost costs price fee amount charge total gross net'),
};
const ownWords = new Set(
  list(
    'order sales sale purchase data payload body attributes object resource message document doc content result record detail details header head new created updated cancelled shipment return receipt refund cancellation root entity bestellung auftrag',
  ),
);

/** Whether what follows these words is the document's own: its id, not that of its shop or its customer. */
export function isOwn(head: readonly string[]): boolean {
  const last = head.at(-1);
  return last === undefined || ownWords.has(last) || ownWords.has(last.replace(/s$/, ''));
}

/** Amounts that are named in the smallest unit of their currency. */
export const minor = /(cents?|minor)$/;

export const called: ReadonlyMap<string, Called> = new Map<string, Called>([
  ...Object.entries(order).map(([name, text]): [string, Called] => [name, { tails: list(text) }]),
  ['order.id', { tails: list('orderid orderuuid ordernumber orderno orderref orderreference') }],
  ['order.number', { tails: list('ordernumber orderno ordername orderref orderreference orderid') }],
  ...of('customer', 'customer', {
    id: 'id number no code ref reference key',
    name: 'name fullname displayname',
    email: address['email']!,
    phone: address['phone']!,
    company: address['company']!,
    taxId: 'vatnumber vatid taxid taxnumber vat',
  }),
  ...of('bill', 'billTo', address),
  ...of('ship', 'shipTo', address),
  ...Object.entries(line).map(([name, text]): [string, Called] => [`lines[].${name}`, { tails: list(text) }]),
]);

export function withoutOrder(tails: readonly string[]): string[] {
  return tails.filter((tail) => !tail.startsWith('order'));
}

/** `orderNo`, `order_no` and `OrderNO` are the same two words. */
export function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1 $2')
    .replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter(Boolean);
}
