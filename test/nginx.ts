/** The real nginx with the shipped front door: other ports, a certificate of its own, all else as it is shipped. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';

export const site = 'hooks.example.com';

export interface FrontDoor {
  http: number;
  https: number;
  /** What the door's own certificate is signed with. */
  ca: Buffer;
  /** Of a partner whom the door knows. */
  partner: { cert: Buffer; key: Buffer };
  /** Answers to what is written, in full, once the door has closed. */
  say(bytes: string | Buffer, tls?: ConnectionOptions): Promise<string>;
  /** The same without TLS. */
  sayPlain(bytes: string): Promise<string>;
  stop(): Promise<void>;
}

/** `clients`: partners may show a certificate, as the file says it is switched on. */
export async function openFrontDoor(
  nginx: string,
  hubPort: number,
  { clients = false } = {},
): Promise<FrontDoor> {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-door-'));
  const [http, https] = [await freePort(), await freePort()];
  const at = (name: string) => join(dir, name);
  certificate(dir, 'hooks', `/CN=${site}`, ['-addext', `subjectAltName=DNS:${site}`]);
  certificate(dir, 'partner', '/CN=partner');
  const shipped = readFileSync('deploy/nginx/crossdock.conf', 'utf8');
  writeFileSync(at('site.conf'), configured(shipped));
  writeFileSync(at('nginx.conf'), around(dir));
  const child = spawn(nginx, ['-p', dir, '-c', at('nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, 'exit');
  let over = false;
  void ended.then(() => (over = true));
  while (!(await listens(https))) if (over) throw new Error(`nginx does not start: ${said}`);
  const ca = readFileSync(at('hooks.pem'));
  const partner = { cert: readFileSync(at('partner.pem')), key: readFileSync(at('partner.key')) };
  return {
    http,
    https,
    ca,
    partner,
    say: (bytes, tls = {}) =>
      answers(connectTls({ host: '127.0.0.1', port: https, servername: site, ca, ...tls }), bytes),
    sayPlain: (bytes) => answers(connect(http, '127.0.0.1'), bytes),
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(dir, { recursive: true, force: true });
    },
  };

  function configured(text: string): string {
    const six = Object.values(networkInterfaces()).some((all) =>
      all?.some(({ address }) => address === '::1'),
    );
    const placed = text
      .replaceAll(/^ *listen \[::\].*\n/gm, (line) => (six ? line : ''))
      .replaceAll(/listen (\[::\]:)?(80|443)\b/g, (_all, ip6?: string, port?: string) => {
        return `listen ${ip6 ? '[::1]' : '127.0.0.1'}:${port === '80' ? http : https}`;
      })
      .replace('127.0.0.1:1880', `127.0.0.1:${hubPort}`)
      .replaceAll('/etc/crossdock/partners-ca.pem', at('partner.pem'))
      .replaceAll('/etc/crossdock/', `${dir}/`);
    return clients ? placed.replaceAll('#ssl_', 'ssl_') : placed;
  }
}

function around(dir: string): string {
  const rooms = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  return [
    process.getuid?.() === 0 ? 'user root;' : '',
    `pid ${dir}/nginx.pid;`,
    'worker_processes 1;',
    'error_log stderr;',
    'events { worker_connections 256; }',
    `http { access_log off; ${rooms.map((name) => `${name}_temp_path ${dir}/${name};`).join(' ')} include ${dir}/site.conf; }`,
  ].join('\n');
}

function certificate(dir: string, name: string, subject: string, more: readonly string[] = []): void {
  const asked = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  const files = ['-keyout', join(dir, `${name}.key`), '-out', join(dir, `${name}.pem`)];
  const { status, stderr } = spawnSync('openssl', [...asked, ...files, '-subj', subject, ...more], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`openssl: ${stderr}`);
}

async function answers(socket: Socket, bytes: string | Buffer): Promise<string> {
  let all = '';
  socket.setEncoding('latin1').on('data', (text) => (all += String(text)));
  let failure: Error | undefined;
  socket.on('error', (error) => (failure = error));
  socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
  await new Promise((done) => socket.once('close', done));
  if (failure && !all) throw failure;
  return all;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => setTimeout(() => resolve(false), 50));
    socket.once('connect', () => socket.destroy());
  });
}
