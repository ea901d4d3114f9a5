/** Places outside that checkpoints of the audit go to: a real listener each, one that is away, and what is told of it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTls } from 'node:tls';
import { DatabaseSync } from 'node:sqlite';
import { pino } from 'pino';
import { causesOf, type Seen } from '../runtime/alerts/causes.ts';
import { readCheckpoints } from '../runtime/audit/trail/checkpoint.ts';
import { checkpoints, keepCheckpoints } from '../runtime/audit/trail/keeper.ts';
import { compared, keepOutside, outsideOf, type Outside } from '../runtime/audit/trail/outside.ts';
import { sinksOf } from '../runtime/audit/trail/sinks.ts';
import { verifiedAside } from '../runtime/audit/trail/thread.ts';
import { embeddedJournal } from '../runtime/journal/embedded.ts';
import type { Journal } from '../runtime/journal/journal.ts';
import { keyId } from '../runtime/signature/signature.ts';
import { openStore } from '../runtime/sqlite/store.ts';
import { coded, until } from './conformance/kit.ts';
import { entry } from './conformance/audit-entry.ts';

const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
const trusted = new Map([[keyId(publicKey), publicKey]]);
const log = pino({ level: 'silent' });
/** `<PRI>1 TIME HOST APP PID MSGID SD MSG` of RFC 5424. */
const syslog = /^<109>1 \d{4}-\d\d-\d\dT[\d:.]+Z [!-~]+ crossdock \d+ checkpoint - (\{.*\})$/;

describe('a place outside of the audit', () => {
  let dir: string;
  let journal: Journal;
  const servers: { close(): unknown }[] = [];
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-sinks-'));
    const store = openStore(join(dir, 'crossdock.db'));
    const inner = embeddedJournal(store);
    journal = { ...inner, close: () => inner.close().then(() => store.close()) };
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) server.close();
    await journal.close();
    rmSync(dir, { recursive: true });
  });

  const sending = (env: Record<string, string>) =>
    checkpoints({ audit: journal.audit, key: async () => key, sinks: sinksOf(env, async () => key) });
  const listening = async (server: Server): Promise<number> => {
    servers.push(server.listen(0, '127.0.0.1'));
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  /** Messages with their length before them, as RFC 6587 and RFC 5425 have it. */
  const taking = (got: string[]) => (socket: Socket) => {
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      bytes = Buffer.concat([bytes, chunk]);
      const [, length] = /^(\d+) /.exec(bytes.toString('latin1')) ?? [];
      if (length === undefined || bytes.length < length.length + 1 + Number(length)) return;
      got.push(bytes.subarray(length.length + 1, length.length + 1 + Number(length)).toString());
    });
    socket.on('error', () => {});
  };
  const checkpointIn = (line: string): number => {
    assert.match(line, syslog);
    // As the file of a syslog server has it, too.
    return readCheckpoints(`Nov 29 host ${line}\n`, trusted)[0]!.sequence;
  };

  it('takes a syslog message of RFC 5424 over UDP', async () => {
    const socket = createSocket('udp4');
    servers.push(socket);
    await new Promise<void>((bound) => void socket.bind(0, '127.0.0.1', bound));
    const message = once(socket, 'message') as Promise<[Buffer]>;
    await journal.audit.append(entry());
    await sending({ CROSSDOCK_AUDIT_SYSLOG: `udp://127.0.0.1:${socket.address().port}` })();
    assert.equal(checkpointIn((await message)[0].toString()), 1);
  });

  it('takes one over TCP, each checkpoint once', async () => {
    const got: string[] = [];
    const port = await listening(createTcp(taking(got)));
    const send = sending({ CROSSDOCK_AUDIT_SYSLOG: `tcp://127.0.0.1:${port}` });
    await journal.audit.append(entry());
    await send();
    await send();
    await journal.audit.append(entry());
    await send();
    await until('both arrive', () => got.length >= 2);
    assert.deepEqual(got.map(checkpointIn), [1, 2]);
  });

  it('takes one over TLS where its certificate is trusted, and none else', async function () {
    const [cert, secret] = [join(dir, 'cert.pem'), join(dir, 'key.pem')];
    const made = spawnSync('openssl', [
      ...'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost'.split(
        ' ',
      ),
      '-addext',
      'subjectAltName=DNS:localhost',
      '-keyout',
      secret,
      '-out',
      cert,
    ]);
    if (made.error) this.skip();
    assert.equal(made.status, 0, String(made.stderr));
    const got: string[] = [];
    const options = { cert: readFileSync(cert), key: readFileSync(secret) };
    const server = createTls(options, taking(got)).on('tlsClientError', () => {});
    const port = await listening(server);
    const env = { CROSSDOCK_AUDIT_SYSLOG: `tls://localhost:${port}` };
    await journal.audit.append(entry());
    await assert.rejects(sending(env)(), coded('PARTNER_UNREACHABLE'));
    assert.equal(got.length, 0);
    await sending({ ...env, CROSSDOCK_AUDIT_SYSLOG_CA: cert })();
    await until('it arrives', () => got.length > 0);
    assert.equal(checkpointIn(got[0]!), 1);
  });

  it('has an address that says how', () => {
    for (const address of ['localhost:514', 'http://host', 'udp://', 'nonsense'])
      assert.throws(
        () => sinksOf({ CROSSDOCK_AUDIT_SYSLOG: address }, async () => key),
        coded('CONFIG_INVALID'),
      );
  });

  it('that is away is asked again, told of, and holds up neither the others nor the stop', async () => {
    const file = join(dir, 'outside.jsonl');
    // A listener that takes connections and never says a word of TLS.
    const silent: Socket[] = [];
    const mute = createTcp((socket) => void silent.push(socket));
    servers.push({ close: () => silent.forEach((socket) => socket.destroy()) });
    const away = await listening(createTcp());
    servers.at(-1)!.close();
    const env = { CROSSDOCK_AUDIT_FILE: file, CROSSDOCK_AUDIT_SYSLOG: `tcp://127.0.0.1:${away}` };
    await journal.audit.append(entry());
    const { documents } = journal;
    const kept = keepCheckpoints(journal.audit, async () => key, { env, log, documents, retryMs: 20 })!;
    const told = async (): Promise<Outside> => outsideOf(documents);
    await until('it is asked again', async () => ((await told()).places[1]?.failed?.tries ?? 0) >= 2);
    const [first, second] = await compared(await told(), journal.audit);
    assert.deepEqual([first!.sent?.sequence, first!.agrees, second!.sent], [1, true, undefined]);
    assert.equal(second!.failed?.code, 'PARTNER_UNREACHABLE');
    assert.deepEqual(alerts(await told()), ['audit/CROSSDOCK_AUDIT_SYSLOG']);

    const got: string[] = [];
    const back = createTcp(taking(got));
    servers.push(back.listen(away, '127.0.0.1'));
    await until('it has it', async () => (await told()).places[1]?.sent?.sequence === 1);
    assert.deepEqual([alerts(await told()), got.map(checkpointIn)], [[], [1]]);
    await kept.end();

    const stuck = { CROSSDOCK_AUDIT_SYSLOG: `tls://127.0.0.1:${await listening(mute)}` };
    const waiting = keepCheckpoints(journal.audit, async () => key, { env: stuck, log, documents })!;
    await until('it is asked', () => silent.length > 0);
    // It would be waited for ten seconds.
    const before = performance.now();
    await waiting.end();
    assert.ok(performance.now() - before < 9000);
  }).timeout(20_000);

  it('gets its checkpoint after what is kept could not be read once, and what was known stays', async () => {
    const file = join(dir, 'outside.jsonl');
    const failed = { since: '2026-01-01T00:00:00.000Z', code: 'PARTNER_UNREACHABLE', tries: 3 };
    await keepOutside(journal.documents, { places: [{ name: 'CROSSDOCK_AUDIT_FILE', failed }] });
    let reads = 0;
    const written: number[] = [];
    const documents: Pick<Journal['documents'], 'get' | 'put'> = {
      async get(kind, id) {
        reads += 1;
        if (reads === 1) throw new Error('the store is away');
        return journal.documents.get(kind, id);
      },
      async put(kind, id, body) {
        written.push((JSON.parse(body) as Outside).places.length);
        return journal.documents.put(kind, id, body);
      },
    };
    await journal.audit.append(entry());
    const env = { CROSSDOCK_AUDIT_FILE: file };
    const kept = keepCheckpoints(journal.audit, async () => key, { env, log, documents, retryMs: 20 })!;
    await until(
      'it has it',
      async () => (await outsideOf(journal.documents)).places[0]?.sent?.sequence === 1,
    );
    await kept.end();
    assert.ok(written.every((count) => count === 1));
  });

  it('gets nothing of a chain that was written anew while the hub was down', async () => {
    const file = join(dir, 'outside.jsonl');
    const env = { CROSSDOCK_AUDIT_FILE: file };
    const { documents } = journal;
    const aside = (sent: Parameters<typeof verifiedAside>[0]['checkpoints']) =>
      verifiedAside({ profile: 'embedded', dataDir: dir, checkpoints: sent });
    const begin = () => keepCheckpoints(journal.audit, async () => key, { env, log, documents, aside })!;
    for (let count = 0; count < 3; count += 1) await journal.audit.append(entry());
    await begin().end();
    assert.equal((await outsideOf(documents)).places[0]?.sent?.sequence, 3);
    const db = new DatabaseSync(join(dir, 'crossdock.db'));
    db.exec('DROP TRIGGER audit_kept; DELETE FROM audit');
    db.close();
    for (let count = 0; count < 4; count += 1) await journal.audit.append(entry({ who: 'nobody' }));
    await begin().end();
    const after = await outsideOf(documents);
    assert.deepEqual([after.broken?.row, after.places[0]?.sent?.sequence], [1, 3]);
    assert.deepEqual(alerts(after), ['audit']);
    assert.equal(readFileSync(file, 'utf8').trim().split('\n').length, 1);
  });
});

function alerts(audit: Outside): string[] {
  const health = { outages: [], consumers: [], queues: [], store: {} };
  const seen = { health, rates: [], audit, tierOf: () => 'standard', teamOf: () => 'it' };
  return causesOf(seen as unknown as Seen, new Date()).map(({ id }) => id);
}
