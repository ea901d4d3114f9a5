/** An order by EDI through its whole life on the real Odoo: what the partner gets, and what a warehouse gets. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Segment } from '../../runtime/edi/document.ts';
import { readEdifact, writeEdifact } from '../../runtime/edi/edifact.ts';
import { readX12, writeX12 } from '../../runtime/edi/x12.ts';
import { openOdoo } from '../../runtime/odoo/client.ts';
import { partners } from '../acceptance/partners.ts';
import { describeReal } from '../real.ts';
import { odooEnvironment, secrets, startHubProcess, type HubProcess } from './hub-process.ts';

const ours = { qualifier: 'ZZ', id: 'CROSSDOCK' };
const midmart = { ours: { qualifier: '01', id: '0079611234' }, theirs: ours };
const northside = { ours: { qualifier: 'ZZ', id: 'NORTHSIDE3PL' }, theirs: ours };
const brookfield = {
  ours: { qualifier: '14', id: '5412345000013' },
  theirs: { qualifier: '14', id: '4012345000009' },
};

describeReal(['odoo'], 'an order by EDI', function (services) {
  this.timeout(360_000);
  const source = `edi${randomBytes(4).toString('hex')}`;
  const sku = `${source}-A`;
  const odoo = openOdoo({ ...services.odoo, timeoutMs: 60_000 });
  const dataDir = mkdtempSync(join(tmpdir(), 'crossdock-edi-'));
  const got: { partner: string; type: string; text: string; sentAs: string | undefined }[] = [];
  let gateway: Server;
  let hub: HubProcess;
  let number = Math.floor(Date.now() / 1000) % 900_000_000;

  before(async () => {
    await odoo.call('product.product', 'create', {
      vals_list: [
        { name: 'By EDI', default_code: sku, type: 'consu', invoice_policy: 'delivery', taxes_id: [] },
      ],
    });
    gateway = createServer(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += String(chunk);
      const query = new URL(request.url!, 'http://gateway').searchParams;
      assert.equal(request.headers.authorization, 'Bearer the-gateway-key');
      got.push({
        partner: query.get('partner')!,
        type: query.get('type')!,
        text,
        sentAs: request.headers['content-type'],
      });
      response.writeHead(202).end();
    });
    await new Promise<void>((listening) => gateway.listen(0, '127.0.0.1', listening));
    const definitionsDir = join(dataDir, 'definitions');
    cpSync('definitions', definitionsDir, { recursive: true });
    // The 3PL works in the warehouse that Odoo has.
    const values = join(definitionsDir, 'values', 'warehouse.yaml');
    writeFileSync(values, `${readFileSync(values, 'utf8').trimEnd()}\n  - { from: northside, to: WH }\n`);
    hub = await startHubProcess(
      {
        ...odooEnvironment(services.odoo),
        CROSSDOCK_DEFINITIONS: definitionsDir,
        EDI_GATEWAY_URL: `http://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
        EDI_GATEWAY_KEY: 'the-gateway-key',
      },
      dataDir,
    );
  });
  after(async () => {
    await hub?.stop(true);
    gateway.closeAllConnections();
    gateway.close();
    rmSync(dataDir, { recursive: true, force: true });
  });

  const next = () => ({ version: '004010', test: false, number: (number += 1), time: new Date() });
  async function send(text: string): Promise<void> {
    const headers = { authorization: `Bearer ${secrets.partner}` };
    const { status } = await fetch(`${hub.url}/hooks/edi`, { method: 'POST', headers, body: text });
    assert.ok([200, 202].includes(status), `answered ${status}`);
  }
  /** Of this type, for this partner, with this text in it. */
  async function arrived(partner: string, type: string, words: string): Promise<Segment[]> {
    for (const end = Date.now() + 30_000; Date.now() < end; await sleep(200)) {
      const one = got.find(
        (each) => each.partner === partner && each.type === type && each.text.includes(words),
      );
      if (!one) continue;
      assert.equal(one.sentAs, 'application/EDI-consent');
      const { documents, findings } = one.text.startsWith('ISA')
        ? readX12(one.text, { types: [type] })
        : readEdifact(one.text, { types: [type] });
      assert.deepEqual(findings, []);
      return documents[0]!.segments;
    }
    throw new Error(
      `${partner} got no ${type} with ${words}: ${JSON.stringify(got)}\n${hub.log().slice(-2000)}`,
    );
  }

  it('X12: 850, 997, 855; 945, 856 and 810', async () => {
    const po = `${source}-1`;
    const control = next();
    const order: Segment[] = [
      { BEG01: '00', BEG02: 'SA', BEG03: po, BEG05: '20261102' },
      { N101: 'ST', N102: 'MIDMART STORE 0231', N103: '92', N104: '0231' },
      { N301: '31875 MARKET RD' },
      { N401: 'AKRON', N402: 'OH', N403: '44301' },
      { PO101: '1', PO102: '4', PO103: 'EA', PO104: '9.25', PO106: 'VN', PO107: sku },
      { CTT01: '1' },
    ];
    const text = writeX12('850', order, { ...control, ...midmart });
    await send(text);
    await send(text);
    const answer = await arrived('midmart', '997', `AK1*PO*${control.number}`);
    assert.deepEqual(answer.at(-1), { tag: 'AK9', AK901: 'A', AK902: '1', AK903: '1', AK904: '1' });
    const response = await arrived('midmart', '855', po);
    assert.deepEqual(response[2], { tag: 'ACK', ACK01: 'IA', ACK02: '4', ACK03: 'EA' });
    const name = String(response[0]!['BAK08']);

    const advice: Segment[] = [
      { W0601: 'N', W0602: name, W0603: '20261104', W0604: `${source}-NS`, W0606: po },
      { N901: 'CN', N902: '1Z999AA10123456784' },
      { LX01: '1' },
      { W1201: 'CC', W1202: '4', W1203: '4', W1205: 'EA', W1207: 'VN', W1208: sku },
    ];
    await send(writeX12('945', advice, { ...next(), ...northside }));
    const notice = await arrived('midmart', '856', po);
    assert.deepEqual(
      notice.filter(({ tag }) => ['REF', 'SN1', 'LIN'].includes(String(tag))),
      [
        { tag: 'REF', REF01: 'CN', REF02: '1Z999AA10123456784' },
        { tag: 'LIN', LIN02: 'VN', LIN03: sku },
        { tag: 'SN1', SN102: '4', SN103: 'EA' },
      ],
    );
    const invoice = await arrived('midmart', '810', po);
    const it1 = invoice.find(({ tag }) => tag === 'IT1')!;
    assert.deepEqual([it1['IT102'], it1['IT104'], it1['IT107']], ['4', '9.25', sku]);
    assert.equal(invoice.find(({ tag }) => tag === 'TDS')!['TDS01'], '3700');
    // Sent twice, and everything was said once.
    assert.deepEqual(got.map(({ partner, type }) => `${partner} ${type}`).toSorted(), [
      'midmart 810',
      'midmart 855',
      'midmart 856',
      'midmart 997',
      'northside 997',
    ]);
    const orders = await odoo.call<number>('sale.order', 'search_count', {
      domain: [['client_order_ref', '=', po]],
    });
    assert.equal(orders, 1);
  });

  it('EDIFACT: ORDERS, CONTRL and ORDRSP', async () => {
    const control = next();
    const order: Segment[] = [
      { BGM01: '220', BGM02: `${source}-2`, BGM03: '9' },
      { DTM01: ['137', '20261102', '102'] },
      {
        NAD01: 'BY',
        NAD02: [source, '', '92'],
        NAD04: "Brookfield's + Söhne",
        NAD05: 'Kaaistraat 4',
        NAD06: 'Antwerpen',
        NAD08: '2000',
        NAD09: 'BE',
      },
      { CUX01: ['2', 'USD', '9'] },
      { LIN01: '1' },
      { PIA01: '5', PIA02: [sku, 'SA'] },
      { QTY01: ['21', '2', 'EA'] },
      { PRI01: ['AAA', '70.00'] },
      { UNS01: 'S' },
    ];
    await send(writeEdifact('ORDERS', order, { ...control, ...brookfield, version: 'D:96A:UN:EAN008' }));
    const [uci, ucm] = await arrived('brookfield', 'CONTRL', `UCI+${control.number}`);
    assert.deepEqual([uci!['UCI04'], ucm!['UCM03']], ['8', '7']);
    const response = await arrived('brookfield', 'ORDRSP', `${source}-2`);
    assert.deepEqual(
      response.find(({ tag }) => tag === 'QTY'),
      { tag: 'QTY', QTY01: ['21', '2', 'EA'] },
    );
    const [partner] = await odoo.call<{ partner_id: [number, string] }[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', '=', `${source}-2`]],
      fields: ['partner_id'],
    });
    assert.match(partner!.partner_id[1], /Brookfield's \+ Söhne/);
  });

  it('X12: an allowance, a replacement and a cancellation are what Odoo has, and so is each 855', async () => {
    const po = `${source}-5`;
    const order = (purpose: string, quantity: string): Segment[] => [
      { BEG01: purpose, BEG02: 'SA', BEG03: po, BEG05: '20261102' },
      { SAC01: 'C', SAC02: 'D240', SAC05: '1500', SAC12: '06' },
      { PO101: '1', PO102: quantity, PO103: 'EA', PO104: '40', PO106: 'VN', PO107: sku },
      { SAC01: 'A', SAC02: 'C310', SAC06: '3', SAC07: '10', SAC12: '02' },
      { CTT01: '1' },
    ];
    const sent = (...of: [string, string]) => send(writeX12('850', order(...of), { ...next(), ...midmart }));
    const standing = async () => {
      const [found] = await odoo.call<{ state: string; amount_untaxed: number }[]>(
        'sale.order',
        'search_read',
        {
          domain: [['client_order_ref', '=', po]],
          fields: ['state', 'amount_untaxed'],
        },
      );
      return [found?.state, found?.amount_untaxed];
    };
    await sent('00', '10');
    const response = await arrived('midmart', '855', `BAK*00*AD*${po}`);
    assert.deepEqual(
      response.filter(({ tag }) => tag === 'SAC').map(({ SAC01, SAC05 }) => [SAC01, SAC05]),
      [
        ['C', '1500'],
        ['A', '4000'],
      ],
    );
    assert.deepEqual(await standing(), ['sale', 375]);
    await sent('05', '4');
    await arrived('midmart', '855', `BAK*05*AD*${po}`);
    assert.deepEqual(await standing(), ['sale', 159]);
    await sent('01', '4');
    await arrived('midmart', '855', `BAK*01*AK*${po}`);
    assert.deepEqual(await standing(), ['cancel', 159]);
  });

  it('X12: two releases of a blanket order are two orders, and the 855 names both numbers', async () => {
    const release = (number: string, quantity: string) =>
      send(
        writeX12(
          '850',
          [
            { BEG01: '00', BEG02: 'RL', BEG03: `${source}-6`, BEG04: number, BEG05: '20261102' },
            { PO101: '1', PO102: quantity, PO103: 'EA', PO104: '85', PO105: 'HP', PO106: 'VN', PO107: sku },
          ],
          { ...next(), ...midmart },
        ),
      );
    await release('001', '200');
    await release('002', '20');
    const [first] = await arrived('midmart', '855', `${source}-6*20261102*001`);
    const [second] = await arrived('midmart', '855', `${source}-6*20261102*002`);
    assert.notEqual(first!['BAK08'], second!['BAK08']);
    const orders = await odoo.call<{ amount_untaxed: number }[]>('sale.order', 'search_read', {
      domain: [['client_order_ref', 'like', `${source}-6`]],
      fields: ['amount_untaxed'],
    });
    assert.deepEqual(
      orders.map((one) => one.amount_untaxed).toSorted((a, b) => a - b),
      [17, 170],
    );
  });

  it("a shop's order for a 3PL is its 940", async () => {
    await partners(() => hub.url, source).order('4', [{ sku, quantity: 3, price: '10.00' }], 'northside');
    const shipping = await arrived('northside', '940', `${source}-4`);
    assert.match(String(shipping[0]!['W0502']), /^S\d+$/);
    assert.deepEqual(
      shipping.find(({ tag }) => tag === 'W01'),
      {
        tag: 'W01',
        W0101: '3',
        W0102: 'EA',
        W0104: 'VN',
        W0105: sku,
      },
    );
  });

  it('a rejected interchange is answered so, and nothing of it is done', async () => {
    const control = next();
    const text = writeX12('850', [{ BEG01: '00', BEG02: 'SA', BEG03: `${source}-3`, BEG05: '20261102' }], {
      ...control,
      ...midmart,
    });
    await send(text.replace('SE*3*', 'SE*4*'));
    const answer = await arrived('midmart', '997', `AK1*PO*${control.number}`);
    assert.deepEqual(answer[2], { tag: 'AK5', AK501: 'R', AK502: '4' });
    const found = await odoo.call<number>('sale.order', 'search_count', {
      domain: [['client_order_ref', '=', `${source}-3`]],
    });
    assert.equal(found, 0);
  });
});
