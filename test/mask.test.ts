/** Samples hold nothing about a person, and stay messages of the form they had. */
import assert from 'node:assert/strict';
import { mask } from '../runtime/workspace/mask.ts';

const seed = 'a seed of this test';
/** None of these may be left of any message below. */
const personal =
  /Mercer|Robin|Lindqvist|Astrid|harbor way|Kungsgatan|robin\.m|astrid@|5550142|555[ -]0142|70 123|203\.0\.113|2001:db8:85a3|doorbell|Portsmouth|Malmö|03801|211 22|DE89|tok_live|4242/i;

const shopifyPerson = {
  first_name: 'Robin',
  last_name: 'Mercer',
  address1: '12 Harbor Way',
  address2: null,
  city: 'Portsmouth',
  zip: '03801',
  province: 'New Hampshire',
  country_code: 'US',
  phone: '+1 603 555 0142',
  name: 'Robin Mercer',
  company: 'Mercer & Sons',
  latitude: 43.07,
};

const messages: Record<string, unknown> = {
  'a Shopify order': {
    id: 5_678_901_234_567,
    email: 'robin.mercer@shop.test',
    contact_email: 'robin.mercer@shop.test',
    browser_ip: '203.0.113.9',
    note: 'The doorbell is broken',
    total_price: '48.50',
    currency: 'USD',
    customer: { id: 77, first_name: 'Robin', last_name: 'Mercer', email: 'robin.mercer@shop.test' },
    shipping_address: shopifyPerson,
    line_items: [{ sku: 'MUG-1', name: 'Mug, blue', quantity: 2, price: '24.25' }],
    note_attributes: [{ name: 'Gift message', value: 'For Robin, ring the doorbell' }],
  },
  'a Shopify customer': {
    id: 77,
    email: 'robin.mercer@shop.test',
    default_address: shopifyPerson,
    addresses: [shopifyPerson],
    tags: 'robin.mercer@shop.test, vip',
  },
  'a WooCommerce order': {
    id: 812,
    billing: {
      first_name: 'Astrid',
      last_name: 'Lindqvist',
      company: '',
      address_1: 'Kungsgatan 4',
      city: 'Malmö',
      postcode: '211 22',
      country: 'SE',
      email: 'astrid@woo.test',
      phone: '070 123 45 67',
    },
    customer_ip_address: '2001:db8:85a3::8a2e:370:7334',
    customer_note: 'Doorbell: Lindqvist',
    meta_data: [{ id: 1, key: '_billing_phone', value: '070 123 45 67' }],
    line_items: [{ id: 1, name: 'Lamp', quantity: 1, total: '99.00' }],
  },
  'a WooCommerce customer': {
    id: 9,
    username: 'astrid@woo.test',
    shipping: { first_name: 'Astrid', address_2: 'Kungsgatan 4 B', postcode: '211 22' },
  },
  'a Stripe charge': {
    id: 'evt_1',
    type: 'charge.succeeded',
    data: {
      object: {
        id: 'ch_1',
        amount: 4850,
        currency: 'usd',
        billing_details: {
          email: 'robin.mercer@shop.test',
          name: 'Robin Mercer',
          phone: '(603) 555-0142',
          address: { line1: '12 Harbor Way', city: 'Portsmouth', postal_code: '03801', country: 'US' },
        },
        receipt_email: 'robin.mercer@shop.test',
        payment_method_details: { card: { last4: '4242', brand: 'visa' } },
      },
    },
  },
  'a Stripe session': {
    id: 'evt_2',
    data: {
      object: {
        customer_details: { email: 'astrid@woo.test', name: 'Astrid Lindqvist' },
        client_token: 'tok_live_1',
        description: 'Order of Astrid Lindqvist',
      },
    },
  },
  'an Amazon order': {
    AmazonOrderId: '902-3159896-1390916',
    OrderTotal: { CurrencyCode: 'USD', Amount: '11.01' },
    BuyerInfo: { BuyerEmail: 'robin.mercer@marketplace.test', BuyerName: 'Robin Mercer' },
    ShippingAddress: {
      Name: 'Robin Mercer',
      AddressLine1: '12 Harbor Way',
      City: 'Portsmouth',
      PostalCode: '03801',
      CountryCode: 'US',
      Phone: '603-555-0142',
    },
  },
  'an Amazon note': {
    NotificationType: 'ORDER_CHANGE',
    Summary: 'robin.mercer@shop.test has asked for a change',
  },
  'an X12 order':
    'ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260101*1200*U*00401*000000001*0*P*>~' +
    'GS*PO*SENDER*RECEIVER*20260101*1200*1*X*004010~ST*850*0001~BEG*00*SA*PO-77**20260101~' +
    'N1*ST*Robin Mercer~N3*12 Harbor Way~N4*Portsmouth*NH*03801*US~PER*OC*Robin Mercer*TE*6035550142*EM*robin.mercer@shop.test~' +
    'PO1*1*2*EA*24.25**SK*MUG-1~MSG*Ring the doorbell~SE*10*0001~',
  'an EDIFACT order':
    "UNB+UNOC:3+SENDER+RECEIVER+260101:1200+1'UNH+1+ORDERS:D:96A:UN'BGM+220+PO-78+9'" +
    "NAD+DP+7300010000001::9++Astrid Lindqvist+Kungsgatan 4+Malmö++211 22+SE'COM+070 123 45 67:TE'" +
    "FTX+DEL+++The doorbell of Lindqvist'LIN+1++7300010000018:EN'QTY+21:2'UNT+8+1'",
};

const typesOf = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(typesOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, typesOf(one)]));
};

describe('a sample', () => {
  for (const [what, message] of Object.entries(messages))
    it(`of ${what} holds nothing about a person and has its form`, () => {
      const { value, fields } = mask(message, seed);
      const text = typeof value === 'string' ? value : JSON.stringify(value);
      assert.doesNotMatch(text, personal);
      assert.ok(fields.length > 0);
      assert.deepEqual(typesOf(value), typesOf(message));
    });

  it('keeps ids, money, quantities, countries and what a thing is called', () => {
    const order = mask(messages['a Shopify order'], seed).value as Record<string, any>;
    assert.equal(order['id'], 5_678_901_234_567);
    assert.equal(order['total_price'], '48.50');
    assert.deepEqual(order['line_items'], [{ sku: 'MUG-1', name: 'Mug, blue', quantity: 2, price: '24.25' }]);
    assert.equal(order['shipping_address'].country_code, 'US');
    assert.match(order['shipping_address'].zip, /^\d{5}$/);
    const woo = mask(messages['a WooCommerce order'], seed).value as Record<string, any>;
    assert.match(woo['billing'].postcode, /^\d{3} \d{2}$/);
    assert.equal(woo['billing'].company, '');
  });

  it('is without people in German, in a form, and where a field is named in another one', () => {
    const told = {
      Vorname: 'Dana',
      Empfänger: 'Dana Whitfield',
      Straße: 'Hafenweg 12',
      billing_first_name: 'Dana',
      shipping_address: '12 Harbor Way',
      tel_privat: '0151 5550134',
      dob: '1980-02-03',
      card: { number: '4111111111111111' },
      attributes: [{ label: 'Phone', text: '0151 5550134' }],
    };
    const left = JSON.stringify(mask(told, seed).value);
    assert.doesNotMatch(left, /Dana|Hafenweg|Harbor|5550134|1980|4111/);
    const form = mask('first_name=Dana&email=dana%40example.com&sku=A-1&address1=12+Harbor+Way', seed).value;
    assert.match(String(form), /sku=A-1/);
    assert.doesNotMatch(String(form), /Dana|dana|Harbor/);
    assert.deepEqual(mask({ capacity: 'big', sku: 'A-1', quantity: '2' }, seed).value, {
      capacity: 'big',
      sku: 'A-1',
      quantity: '2',
    });
  });

  it('keeps what was equal equal, and what differed different', () => {
    const order = mask(messages['a Shopify order'], seed).value as Record<string, any>;
    assert.equal(order['email'], order['customer'].email);
    assert.equal(order['customer'].first_name, order['shipping_address'].first_name);
    assert.notEqual(order['customer'].first_name, order['customer'].last_name);
  });

  it('keeps the segments, the partners and the lines of EDI', () => {
    const x12 = mask(messages['an X12 order'], seed).value as string;
    assert.ok(x12.startsWith((messages['an X12 order'] as string).slice(0, 150)));
    assert.match(x12, /~N4\*City 1\*NH\*\d{5}\*US~/);
    assert.match(x12, /PO1\*1\*2\*EA\*24\.25\*\*SK\*MUG-1~/);
    const edifact = mask(messages['an EDIFACT order'], seed).value as string;
    assert.match(edifact, /NAD\+DP\+7300010000001::9\+\+Name 1\+Street 1\+City 1\+\+\d{3} \d{2}\+SE'/);
  });

  it('keeps what a person has switched off, there and nowhere else', () => {
    const keep = new Set(['/customer/first_name']);
    const order = mask(messages['a Shopify order'], seed, keep).value as Record<string, any>;
    assert.equal(order['customer'].first_name, 'Robin');
    assert.equal(order['shipping_address'].first_name.startsWith('Name'), true);
  });

  it('cannot be counted back without the seed', () => {
    const zip = (of: string) => (mask({ zip: '03801' }, of).value as { zip: string }).zip;
    assert.notEqual(zip('one'), zip('another'));
    assert.equal(zip('one'), zip('one'));
  });
});
