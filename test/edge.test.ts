/** Edge policies of interfaces: which address, which certificate, how much and how often; and how one ends. */
import assert from 'node:assert/strict';
import { addressOf, isAmong, listOf, networkOf } from '../runtime/intake/addresses.ts';
import { accepted } from '../runtime/intake/answer.ts';
import { trustProxies } from '../runtime/intake/client-address.ts';
import { readCertificate, subjectOf } from '../runtime/intake/client-certificate.ts';
import { edgeOf, endingHeaders, type EdgeRules, type Ending } from '../runtime/intake/edge.ts';
import { edgeFor, refuseRetired } from '../runtime/interfaces/edges.ts';
import type { Entry } from '../runtime/interfaces/file.ts';
import { serve, type Served } from './intake/serve.ts';

const pem = `-----BEGIN CERTIFICATE-----
MIIBpjCCAU2gAwIBAgIUVa62JklwWuxrSuFElKCJmUFK/O8wCgYIKoZIzj0EAwIw
KDEUMBIGA1UECgwLUGFydG5lciBMdGQxEDAOBgNVBAMMB3BhcnRuZXIwIBcNMjYx
MTI5MjMyMzI0WhgPMjEyNjExMDUyMzIzMjRaMCgxFDASBgNVBAoMC1BhcnRuZXIg
THRkMRAwDgYDVQQDDAdwYXJ0bmVyMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE
kKlXx6IDPWgkFKiyMdd6RqvPLU/bSUNhs22lfMh6umpjHE6EFSBNiK9VTdTGHBZx
e4dIcZoataLRSWa9oQzzB6NTMFEwHQYDVR0OBBYEFIvEnwDbn+nQct7LPyMmZloa
bMGGMB8GA1UdIwQYMBaAFIvEnwDbn+nQct7LPyMmZloabMGGMA8GA1UdEwEB/wQF
MAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgZunRnxiaaaq1kR39n4Vepy2CAKbT6qCs
ITKRFn9KMOECIDP5qtpxFL3mxRkm2PU9QB3KM+XoT8mifGr2CXwtqrLM
-----END CERTIFICATE-----
`;
const der = pem.replaceAll(/-----[^-]+-----|\s/g, '');
const print =
  '45:CE:E2:29:B0:CF:57:DF:04:DC:B7:51:CC:B1:B2:B4:3E:7A:D5:09:90:A7:11:0D:28:32:12:31:49:D3:70:DB';
const subject = 'O=Partner Ltd,CN=partner';
const ranges = (...texts: string[]) => listOf(texts.map((text) => networkOf(text)!));

describe('addresses and ranges', () => {
  const cases: [string, string, boolean][] = [
    ['203.0.113.7', '203.0.113.0/24', true],
    ['203.0.114.7', '203.0.113.0/24', false],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.8', '203.0.113.7', false],
    ['203.0.113.129', '203.0.113.128/25', true],
    ['203.0.113.127', '203.0.113.128/25', false],
    ['::ffff:203.0.113.7', '203.0.113.0/24', true],
    ['::ffff:cb00:7107', '203.0.113.0/24', true],
    ['0:0:0:0:0:ffff:203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '::ffff:203.0.113.0/120', true],
    ['203.0.114.7', '::ffff:203.0.113.0/120', false],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['2001:DB8:0:0:0:0:0:1', '2001:db8::1', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    // Deprecated "compatible" form is no mapped address: it is IPv6.
    ['::203.0.113.7', '203.0.113.0/24', false],
    ['203.0.113.7', '::/0', false],
    ['198.51.100.1', '0.0.0.0/0', true],
  ];
  for (const [address, range, is] of cases)
    it(`${address} is ${is ? '' : 'not '}in ${range}`, () =>
      assert.equal(isAmong(addressOf(address)!, ranges(range)), is));

  it('takes nothing for an address that is none', () => {
    for (const text of ['', 'localhost', '1.2.3', '1.2.3.4.5', '1.2.3.4:80', '01.2.3.4', ':::', '1.2.3.4/33'])
      assert.equal(networkOf(text), undefined, text);
    assert.equal(networkOf('::ffff:0:0/95'), undefined);
    assert.equal(addressOf('unknown'), undefined);
    assert.equal(isAmong('unknown', ranges('0.0.0.0/0', '::/0')), false);
  });
});

describe('a client certificate in a header', () => {
  const fingerprint = print.replaceAll(':', '').toLowerCase();
  it('is read as RFC 9440, as PEM, as Envoy writes it, and as a fingerprint', () => {
    assert.deepEqual(readCertificate('client-cert', `:${der}:`), { fingerprint, subject });
    assert.deepEqual(readCertificate('x-cert', encodeURIComponent(pem)), { fingerprint, subject });
    assert.deepEqual(
      readCertificate(
        'x-forwarded-client-cert',
        `By=spiffe://x;Hash=${fingerprint};Subject="O=Partner Ltd,CN=partner"`,
      ),
      { fingerprint, subject },
    );
    assert.deepEqual(readCertificate('x-print', print), { fingerprint });
  });
  it('counts only the last where Envoy appends: a client may have sent the first', () => {
    const forged = `Hash=${fingerprint}`;
    assert.deepEqual(readCertificate('x-forwarded-client-cert', `${forged},Hash=${'0'.repeat(64)}`), {
      fingerprint: '0'.repeat(64),
    });
    assert.deepEqual(
      readCertificate('x-forwarded-client-cert', `Subject="CN=a,Hash=${fingerprint}"`),
      { subject: `CN=a,Hash=${fingerprint}` },
      'what stands in quotes is text',
    );
  });
  it('is none where it cannot be read', () => {
    for (const text of [
      '',
      ':AAAA:',
      'CN=partner',
      `:${der}:, :${der}:`,
      '-----BEGIN CERTIFICATE-----x',
      '%',
    ])
      assert.equal(readCertificate('client-cert', text), undefined, text);
  });
  it('has the same subject however its parts are set apart', () => {
    assert.equal(subjectOf('O=Partner, Ltd\nCN=partner'), 'O=Partner, Ltd,CN=partner');
    assert.equal(subjectOf('O=Partner Ltd, CN=partner'), subject);
  });
});

describe('an edge policy at the intake', () => {
  let served: Served;
  afterEach(async () => {
    trustProxies();
    await served.close();
  });

  async function behind(rules: EdgeRules | undefined, ending: Ending = {}, proxies = '127.0.0.1') {
    trustProxies(proxies);
    served = await serve();
    let taken = 0;
    served.intake.add({
      path: '/hooks/a',
      edge: edgeOf(rules, ending),
      handler: ({ id }) => {
        taken += 1;
        return Promise.resolve(accepted(id));
      },
    });
    return {
      ask: async (headers: Record<string, string> = {}, body = '{}') => {
        const { status, json, headers: said } = await served.ask('/hooks/a', { headers, body });
        return { is: `${status} ${String(json['code'])}`, headers: said };
      },
      taken: () => taken,
    };
  }
  const from = (address: string) => ({ 'x-forwarded-for': address });

  it('asks for nothing and costs nothing where an interface names none', () => {
    served = { close: () => Promise.resolve() } as Served;
    assert.equal(edgeOf(undefined, {}), undefined);
    assert.equal(edgeFor(new Map(), '/a'), undefined);
  });

  it('takes an allowed address and refuses all others, before the body, with a code and no address', async () => {
    const { ask, taken } = await behind({ addresses: ['203.0.113.0/24', '2001:db8::/32'] });
    assert.equal((await ask(from('203.0.113.9'))).is, '202 ACCEPTED');
    assert.equal((await ask(from('::ffff:203.0.113.9'))).is, '202 ACCEPTED');
    assert.equal((await ask(from('2001:db8::5'))).is, '202 ACCEPTED');
    assert.equal((await ask(from('198.51.100.1'))).is, '403 ADDRESS_FORBIDDEN');
    assert.equal((await ask(from('203.0.113.9, 198.51.100.1'))).is, '403 ADDRESS_FORBIDDEN');
    assert.equal((await ask()).is, '403 ADDRESS_FORBIDDEN');
    assert.equal(taken(), 3);
    const { error, answer, route } = served.refusals[0]!;
    assert.deepEqual([error.code, route], ['ADDRESS_FORBIDDEN', '/hooks/a']);
    assert.doesNotMatch(JSON.stringify([answer, error.message, error.facts]), /198\.51|203\.0/);
  });

  it('goes by the address that the intake found, and looks for no other', () => {
    const { admit } = edgeOf({ addresses: ['203.0.113.0/24'] }, {})!;
    const request = new Proxy({} as never, { get: () => assert.fail('the request was read') });
    assert.doesNotThrow(() => admit!(request, '203.0.113.7'));
    assert.throws(() => admit!(request, '198.51.100.1'), { code: 'ADDRESS_FORBIDDEN' });
  });

  it('believes no X-Forwarded-For of who is no trusted proxy', async () => {
    const { ask } = await behind({ addresses: ['203.0.113.0/24'] }, {}, '10.0.0.0/8');
    assert.equal((await ask(from('203.0.113.9'))).is, '403 ADDRESS_FORBIDDEN');
  });

  it('takes a certificate by fingerprint or subject, and no other', async () => {
    const { ask } = await behind({ certificate: { fingerprints: [print], subjects: ['CN=other'] } });
    assert.equal((await ask({ 'client-cert': `:${der}:` })).is, '202 ACCEPTED');
    assert.equal((await ask()).is, '401 CERTIFICATE_MISSING');
    assert.equal((await ask({ 'client-cert': 'rubbish' })).is, '401 CERTIFICATE_MISSING');
    await served.close();
    const wrong = await behind({ certificate: { fingerprints: ['0'.repeat(64)] } });
    assert.equal((await wrong.ask({ 'client-cert': `:${der}:` })).is, '403 CERTIFICATE_FORBIDDEN');
    await served.close();
    const named = await behind({ certificate: { subjects: ['O=Partner Ltd, CN=partner'] } });
    assert.equal((await named.ask({ 'client-cert': `:${der}:` })).is, '202 ACCEPTED');
  });

  it('believes no certificate of who is no trusted proxy', async () => {
    const { ask } = await behind({ certificate: { fingerprints: [print] } }, {}, '10.0.0.0/8');
    assert.equal((await ask({ 'client-cert': `:${der}:` })).is, '401 CERTIFICATE_MISSING');
    await served.close();
    const none = await behind({ certificate: { fingerprints: [print] } }, {}, '');
    assert.equal((await none.ask({ 'client-cert': `:${der}:` })).is, '401 CERTIFICATE_MISSING');
  });

  it('holds to the size and to the rate of each address', async () => {
    const { ask } = await behind({
      maxKb: 1,
      rate: { requests: 2, seconds: 3600, each: 'address' },
    });
    assert.equal((await ask(from('203.0.113.1'), 'x'.repeat(1024))).is, '202 ACCEPTED');
    assert.equal((await ask(from('203.0.113.1'), 'x'.repeat(1025))).is, '413 BODY_TOO_LARGE');
    assert.equal((await ask(from('203.0.113.1'))).is, '429 RATE_LIMITED');
    assert.equal((await ask(from('203.0.113.2'))).is, '202 ACCEPTED');
  });

  it('holds to one rate for the whole interface', async () => {
    const { ask } = await behind({ rate: { requests: 1, seconds: 3600 } });
    assert.equal((await ask(from('203.0.113.1'))).is, '202 ACCEPTED');
    assert.equal((await ask(from('203.0.113.2'))).is, '429 RATE_LIMITED');
  });

  it('says in every answer of a deprecated interface since when it is, and until when', async () => {
    const { ask } = await behind({ maxKb: 1 }, { deprecated: '2023-06-30', sunset: '2024-12-31' });
    for (const body of ['{}', 'x'.repeat(2000)]) {
      const { headers } = await ask({}, body);
      assert.equal(headers.get('deprecation'), '@1688083200');
      assert.equal(headers.get('sunset'), 'Tue, 31 Dec 2024 23:59:59 GMT');
    }
  });

  it('answers 410 of a retired interface, and says nothing of its end', async () => {
    const { ask, taken } = await behind(undefined, { retired: true, deprecated: '2023-06-30' });
    const { is, headers } = await ask();
    assert.equal(is, '410 INTERFACE_RETIRED');
    assert.equal(headers.get('deprecation'), null);
    assert.equal(taken(), 0);
  });

  it('answers 410 also where no flow has the path any more, and 404 elsewhere', async () => {
    const retired = { state: 'retired' } as Entry;
    const entries = new Map([
      ['webhook/old/:shop', retired],
      ['webhook/new', { state: 'live' } as Entry],
    ]);
    served = await serve({ missed: (path) => refuseRetired(entries, path) });
    assert.equal((await served.ask('/hooks/old/berlin')).json['code'], 'INTERFACE_RETIRED');
    assert.equal((await served.ask('/hooks/new')).json['code'], 'ROUTE_UNKNOWN');
    assert.equal((await served.ask('/hooks/old')).json['code'], 'ROUTE_UNKNOWN');
  });

  it('ends only what is deprecated', () => {
    served = { close: () => Promise.resolve() } as Served;
    const live = { state: 'live', deprecated: '2023-06-30' } as Entry;
    assert.equal(edgeFor(new Map([['webhook/a', live]]), '/a/'), undefined);
    assert.equal(endingHeaders({}), undefined);
  });
});
