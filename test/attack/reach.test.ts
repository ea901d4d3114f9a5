/** Attacks by a flow: what a function or a request of it can reach from inside the hub. */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { once } from 'node:events';
import http, { createServer, type Server } from 'node:http';
import { connect, Socket, type AddressInfo } from 'node:net';
import helper from 'node-red-node-test-helper';
import { environmentNamed } from '../../runtime/environments/environment.ts';
import { closeMetadataAddresses } from '../../runtime/http/closed-addresses.ts';
import { openPartner } from '../../runtime/http/partner.ts';
import { lintFlows } from '../../runtime/lint/lint.ts';
import { outputsOf, project } from '../lint/project.ts';

const require = createRequire(import.meta.url);
const core = (path: string): never =>
  createRequire(require.resolve('node-red'))(`@node-red/nodes/core/${path}`) as never;

describe('an attack by a flow', () => {
  describe('on what tells a machine its credentials', () => {
    let server: Server;
    let here: string;
    before(async () => {
      closeMetadataAddresses();
      server = createServer((request, response) => {
        response.writeHead(302, { location: decodeURIComponent(request.url!.slice(1)) }).end();
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
      delete (Socket.prototype as { blockList?: unknown }).blockList;
      server.closeAllConnections();
      server.close();
    });

    const hosts = [
      '169.254.169.254',
      '169.254.170.2',
      '2852039166',
      '0xa9fea9fe',
      '0xA9.0xFE.0xA9.0xFE',
      '0251.0376.0251.0376',
      '169.254.43518',
      '169.16689662',
      '[::ffff:169.254.169.254]',
      '[::ffff:a9fe:a9fe]',
      '[0:0:0:0:0:ffff:a9fe:a9fe]',
      '[64:ff9b::a9fe:a9fe]',
      '[fd00:ec2::254]',
      '[fd00:0ec2:0:0::0254]',
      '[fd20:ce::254]',
      '100.100.100.200',
      '192.0.0.192',
    ];
    const blocked = (error: unknown): boolean => {
      const { code, cause } = error as { code?: string; cause?: { code?: string } };
      return (code ?? cause?.code) === 'ERR_IP_BLOCKED' || cause?.code === 'ERR_IP_BLOCKED';
    };

    for (const host of hosts)
      it(`at ${host}: no connection, by fetch, http, a redirect or a socket`, async () => {
        await assert.rejects(fetch(`http://${host}/latest/meta-data/`), blocked);
        await assert.rejects(fetch(`${here}/${encodeURIComponent(`http://${host}/latest/`)}`), blocked);
        const [error] = (await once(http.get(`http://${host}/`), 'error').catch((failed: unknown) => [
          failed,
        ])) as [unknown];
        assert.ok(blocked(error), String(error));
        const { hostname } = new URL(`http://${host}`);
        const socket = connect(80, hostname.replace(/^\[|\]$/g, ''));
        const [second] = (await once(socket, 'error')) as [unknown];
        assert.ok(blocked(second), String(second));
      });

    it('by a name that means such an address', async () => {
      const lookup = (_name: string, options: { all?: boolean }, done: (...said: unknown[]) => void): void =>
        options.all
          ? done(null, [{ address: '169.254.169.254', family: 4 }])
          : done(null, '169.254.169.254', 4);
      const asked = http.get({ host: 'metadata.example', lookup: lookup as never });
      const [error] = (await once(asked, 'error')) as [unknown];
      assert.ok(blocked(error), String(error));
    });

    it('by the node http request, also through a redirect', async function () {
      this.timeout(30_000);
      helper.init(require.resolve('node-red'));
      await new Promise<void>((resolve) => helper.startServer(resolve));
      try {
        const flow = [
          {
            id: 'ask',
            type: 'http request',
            method: 'GET',
            ret: 'txt',
            url: '',
            senderr: false,
            wires: [['out']],
          },
          { id: 'out', type: 'helper' },
        ];
        await helper.load(core('network/21-httprequest.js'), flow as never);
        for (const url of [
          `http://2852039166/`,
          `${here}/${encodeURIComponent('http://169.254.169.254/')}`,
        ]) {
          const came = new Promise<{ statusCode?: unknown; payload?: unknown }>((resolve) =>
            helper.getNode('out').once('input', resolve),
          );
          helper.getNode('ask').receive({ url } as never);
          const { statusCode, payload } = await came;
          assert.equal(statusCode, 'ERR_IP_BLOCKED', String(payload));
        }
      } finally {
        await helper.unload();
        await new Promise<void>((resolve) => helper.stopServer(resolve));
      }
    });

    it('by a call to a partner, whose address says so: a code, and nothing was sent', async () => {
      const partner = openPartner({
        url: 'http://169.254.169.254',
        authentication: 'none',
        secret: '',
        timeoutMs: 5000,
      });
      await assert.rejects(partner.call({ method: 'GET', path: '/latest', key: 'a' }), {
        code: 'PARTNER_UNREACHABLE',
      });
      const led = openPartner({ url: here, authentication: 'none', secret: '', timeoutMs: 5000 });
      await assert.rejects(led.call({ method: 'GET', path: '/http%3A%2F%2F127.0.0.1', key: 'a' }), {
        code: /^PARTNER_/,
      });
    });
  });

  describe('by a function', () => {
    before(async () => {
      helper.init(require.resolve('node-red'));
      await new Promise<void>((resolve) => helper.startServer(resolve));
    });
    after(async () => {
      await helper.unload();
      await new Promise<void>((resolve) => helper.stopServer(resolve));
    });

    it('finds no process, no module, no environment of the machine by their names', async () => {
      const names = [
        'process',
        'require',
        'module',
        'exports',
        '__dirname',
        'globalThis.process',
        'global.process',
      ];
      const func = `msg.payload = [${names.map((name) => `typeof ${name}`).join(', ')}, String(global.get('process')), global.keys().length]; return msg;`;
      const flow = [
        { id: 'f', type: 'function', func, outputs: 1, libs: [], wires: [['out']] },
        { id: 'out', type: 'helper' },
      ];
      await helper.load(core('function/10-function.js'), flow as never);
      const came = new Promise<{ payload: unknown[] }>((resolve) =>
        helper.getNode('out').once('input', (msg: unknown) => resolve(msg as { payload: unknown[] })),
      );
      helper.getNode('f').receive({ payload: '' } as never);
      assert.deepEqual([...(await came).payload], [...names.map(() => 'undefined'), 'undefined', 0]);
    });
  });

  it('by a node that runs commands, loads code or uses files: no release of it runs in production', () => {
    const prod = environmentNamed('definitions/environments', 'prod');
    const nodes: [string, string][] = [
      ['exec', 'command: id'],
      ['daemon', 'command: id'],
      ['file', 'filename: /etc/cron.d/x'],
      ['file in', 'filename: /etc/passwd'],
      ['function', 'func: return msg;\n    libs:\n      - var: fs\n        module: fs'],
    ];
    for (const [type, config] of nodes) {
      const text = `flow: a\nversion: 1.0.0\nsummary: x\nowner: x\ntier: standard\nnodes:\n  x:\n    type: ${type}\n    ${config}\n`;
      const view = { ...project(), environment: prod };
      const found = lintFlows(new Map([['a.yaml', text]]), outputsOf, view);
      assert.ok(
        found.some(({ code, severity }) => code === 'NODE_UNSAFE' && severity === 'error'),
        `${type}: ${JSON.stringify(found)}`,
      );
    }
  });
});
