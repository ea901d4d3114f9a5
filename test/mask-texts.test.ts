/** Bodies that are no JSON are samples without people too, or they are refused. */
import assert from 'node:assert/strict';
import { mask } from '../runtime/workspace/mask.ts';
import { previewOf } from '../runtime/workspace/samples.ts';

const seed = 'a seed of this test';
const personal = /Dana|Whitfield|Harbor|Oakland|555 ?-?0134|dana|94607|Gate code/;
const masked = (body: unknown): string => {
  const { value } = mask(body, seed);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

const bodies: Record<string, [body: string, stays: readonly string[]]> = {
  'a form': [
    'order_id=1001&customer[first_name]=Dana&last_name=Whitfield&name=Dana+Whitfield&email=dana%40example.com&phone=%2B1510555' +
      '0134&address1=12+Harbor+Way&items[0][name]=Mug+%26+Cup&items[0][sku]=A-1&total=10.00',
    ['order_id=1001', 'items[0][name]=Mug+%26+Cup', 'items[0][sku]=A-1', 'total=10.00'],
  ],
  'a form with JSON in it': [
    'payload=%7B%22customer%22%3A%7B%22name%22%3A%22Dana+Whitfield%22%7D%2C%22id%22%3A7%7D&v=1',
    ['%22id%22%3A7', 'v=1'],
  ],
  'a form with an address as a name': ['dana%40example.com=1&a=2&ref=dana%40example.com', ['=1&a=2']],
  'a form whose note names the customer': [
    'customer_name=Dana+Whitfield&gift=For+Dana+Whitfield&city=Oakland&x=Oakland&note=',
    ['customer_name=Name+1&gift=For+Name+1&city=City+1&x=City+1&note='],
  ],
  'a plain XML order': [
    `<?xml version="1.0" encoding="UTF-8"?>
<!-- Dana called -->
<Order id="1001">
  <Customer><Name>Dana Whitfield</Name><Email>dana@example.com</Email><Phone>5105550134</Phone></Customer>
  <ShipTo><Street>12 Harbor Way</Street><City>Oakland</City><Zip>94607</Zip><Country>US</Country></ShipTo>
  <Lines><Line><Sku>MUG-1</Sku><Name>Mug &amp; Cup</Name><Qty>2</Qty></Line></Lines>
  <Note><![CDATA[Gate code 4711]]></Note><Empty/>
</Order>`,
    [
      '<Order id="1001">',
      '<Sku>MUG-1</Sku><Name>Mug &amp; Cup</Name><Qty>2</Qty>',
      '<Country>US</Country>',
      '<Empty/>',
    ],
  ],
  'a UBL order': [
    `<Order xmlns:cac="urn:a" xmlns:cbc="urn:b"><cbc:ID>77</cbc:ID><cac:BuyerCustomerParty><cac:Party><cac:PartyName>
<cbc:Name>Dana Whitfield</cbc:Name></cac:PartyName><cac:PostalAddress><cbc:StreetName>12 Harbor Way</cbc:StreetName>
<cbc:CityName>Oakland</cbc:CityName><cbc:PostalZone>94607</cbc:PostalZone></cac:PostalAddress><cac:Contact>
<cbc:Telephone>510-555-0134</cbc:Telephone><cbc:ElectronicMail>dana@example.com</cbc:ElectronicMail></cac:Contact>
</cac:Party></cac:BuyerCustomerParty><cac:Item><cbc:Name>Mug</cbc:Name></cac:Item></Order>`,
    ['<cbc:ID>77</cbc:ID>', '<cac:Item><cbc:Name>Mug</cbc:Name></cac:Item>', 'xmlns:cac="urn:a"'],
  ],
  'an IDoc': [
    `<ORDERS05><IDOC BEGIN="1"><E1EDKA1 SEGMENT="1"><PARVW>WE</PARVW><NAME1>Dana Whitfield</NAME1><STRAS>12 Harbor Way</STRAS>
<ORT01>Oakland</ORT01><PSTLZ>94607</PSTLZ><TELF1>510 555 0134</TELF1></E1EDKA1><E1EDP01><MENGE>2</MENGE></E1EDP01></IDOC></ORDERS05>`,
    ['<PARVW>WE</PARVW>', '<MENGE>2</MENGE>', '<IDOC BEGIN="1">'],
  ],
  'XML in attributes and labels': [
    `<order no='9'><contact name="Dana Whitfield" email='dana@example.com'/><field name="firstname">Dana</field><field name="sku">A-1</field></order>`,
    [`<order no='9'>`, '<field name="sku">A-1</field>'],
  ],
  'CSV with commas': [
    'order_id,first_name,last_name,email,street,city,zip,sku,qty\r\n1001,Dana,Whitfield,dana@example.com,"12 Harbor Way, rear",Oakland,94607,A-1,2\r\n',
    ['order_id,first_name,last_name,email,street,city,zip,sku,qty\r\n1001,', ',A-1,2\r\n'],
  ],
  'German CSV': [
    'Bestellnummer;Name;Straße;PLZ;Ort;Artikel;Menge;Währung;Bemerkung\n7;Dana Whitfield;12 Harbor Way;94607;Oakland;"Tasse ""blau""";2;EUR;Gate code\n',
    ['Bestellnummer;Name;Straße;', '"Tasse ""blau""";2;EUR;'],
  ],
};

describe('a sample that is no JSON', () => {
  for (const [what, [body, stays]] of Object.entries(bodies))
    it(`but ${what} holds nothing about a person, and the rest of it as it was`, () => {
      const text = masked(body);
      assert.doesNotMatch(text, personal);
      for (const part of stays) assert.ok(text.includes(part), `${part} in ${text}`);
    });

  it('keeps every byte where there is nobody in it', () => {
    for (const body of ['id=1&sku=A%2d1&x', '<a b = "1"> <c>2</c>\n</a>\n', 'id,sku\n1,"A"\n\n2,B'])
      assert.equal(masked(body).trim(), body.trim().replace('\n\n', '\n'));
  });

  const unsure: Record<string, string> = {
    'a text': 'Dana Whitfield of Oakland ordered two mugs',
    'CSV without names of its columns': 'Dana,Whitfield,Oakland\nRobin,Mercer,Portsmouth\n',
    'CSV with a row that is longer': 'id,name\n1,Dana,Whitfield\n',
    'CSV with an open quote': 'id,name\n1,"Dana\n',
    'XML that is broken': '<order><name>Dana</order>',
    'XML with text around it': '<a>1</a> Dana',
    'XML with entities of its own': '<!DOCTYPE a [<!ENTITY who "Dana">]><a>&who;</a>',
    'XML with an unknown entity': '<a>&who;</a>',
    HTML: '<p>Dana<br>Oakland</p>',
    'two forms': 'a=1&b=2\nname=Dana Whitfield',
    bytes: '\u0000\u0001Dana',
  };
  for (const [what, body] of Object.entries(unsure))
    it(`such as ${what} is refused, with why`, () => {
      assert.throws(() => mask(body, seed), { code: 'REQUEST_INVALID', message: /cannot be found in it/ });
      const seen = { id: '1', flow: 'f', path: '/p', at: 'now', headers: {}, body };
      assert.throws(() => previewOf(seen, seed, []), { code: 'REQUEST_INVALID' });
    });
});

describe('a JSON sample', () => {
  it('has no address or number of a person as a key, nor in the paths that are kept with it', () => {
    const body = { by: { 'dana@example.com': { open: 2 }, '+1 510 555 0134': 1 }, mail: 'dana@example.com' };
    const { value, fields } = mask(body, seed);
    assert.doesNotMatch(JSON.stringify([value, fields]), personal);
    const [key] = Object.keys((value as typeof body).by);
    assert.equal(key, (value as typeof body).mail);
    const seen = { id: '1', flow: 'f', path: '/p', at: 'now', headers: {}, body: JSON.stringify(body) };
    assert.doesNotMatch(JSON.stringify(previewOf(seen, seed, []).sample), personal);
  });

  it('has no people in a text that is JSON, in a link, or in short words', () => {
    const body = {
      raw: '{"customer":{"name":"Dana Whitfield","id":12345678901234567890}}',
      link: 'https://shop.example/track?to=dana%40example.com&n=1',
      first_name: 'Dana',
      subject: 'Hello Dana, thank you; Danae is another',
    };
    const text = masked(body);
    assert.doesNotMatch(text.replace('Danae', ''), personal);
    assert.match(text, /12345678901234567890/);
    assert.match(text, /&n=1/);
    assert.match(text, /Danae/);
  });

  it('has the parts of a name and the two lines of an address', () => {
    const body = { name: { first: 'Dana', last: 'Whitfield' }, kunde: { name1: 'Dana', name: 'Whitfield' } };
    assert.doesNotMatch(masked(body), personal);
  });

  it('of a megabyte without a blank is masked in a moment', () => {
    const long = 'x%41'.repeat(250_000);
    assert.equal(masked({ long }).length, long.length + 11);
    assert.throws(() => mask('<a '.repeat(100_000), seed));
    assert.throws(() => mask(`a,b\n${'"'.repeat(100_001)}`, seed));
  });
});
