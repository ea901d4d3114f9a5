/** A place outside that speaks syslog: RFC 5424 over UDP, or over TCP or TLS with each message's length before it. */
import { createSocket } from 'node:dgram';
import { readFile } from 'node:fs/promises';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { hostname } from 'node:os';
import { connect as connectTls } from 'node:tls';
import { CodedError } from '../../errors/coded-error.ts';
import type { Checkpoint } from './checkpoint.ts';
import type { Sink } from './sink.ts';

const setting = 'CROSSDOCK_AUDIT_SYSLOG';
/** Facility 13, log audit; severity 5, notice. */
const priority = 13 * 8 + 5;
/** So long the other side may take to say that it refuses. */
const LINGER_MS = 2000;
const usualPorts: Record<string, number> = { 'udp:': 514, 'tcp:': 601, 'tls:': 6514 };

/** `udp://host`, `tcp://host:601`, `tls://host:6514`; `ca`: a file with who signed its certificate. Throws CONFIG_INVALID. */
export function syslogSink(address: string, ca: string | undefined, limitMs: number): Sink {
  const url = URL.parse(address);
  const usual = usualPorts[url?.protocol ?? ''];
  if (!url || usual === undefined || url.hostname === '')
    throw new CodedError('CONFIG_INVALID', `${setting} is udp://, tcp:// or tls:// with a host`, { setting });
  const place = { host: url.hostname.replaceAll(/[[\]]/g, ''), port: Number(url.port || usual) };
  return {
    name: setting,
    async send(checkpoint) {
      const message = Buffer.from(syslogLine(checkpoint));
      if (url.protocol === 'udp:') return overUdp(place, message);
      const secure = url.protocol === 'tls:';
      const trusted = secure && ca ? { ca: await readFile(ca) } : {};
      const called = isIP(place.host) ? {} : { servername: place.host };
      const socket = secure ? connectTls({ ...place, ...called, ...trusted }) : connectTcp(place);
      await overStream(socket, secure ? 'secureConnect' : 'connect', message, limitMs);
    },
  };
}

/** All of it is ASCII. The checkpoint stands last, as in the file. */
function syslogLine(checkpoint: Checkpoint): string {
  const host = hostname().replaceAll(/[^!-~]/g, '') || '-';
  return `<${priority}>1 ${checkpoint.at} ${host.slice(0, 255)} crossdock ${process.pid} checkpoint - ${JSON.stringify(checkpoint)}`;
}

/** Nobody says whether it arrived. */
async function overUdp({ host, port }: { host: string; port: number }, message: Buffer): Promise<void> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('error', reject);
      socket.send(message, port, host, (error) => (error ? reject(error) : resolve()));
    });
  } catch (cause) {
    throw away(cause);
  } finally {
    socket.close();
  }
}

/** Syslog has no answer: taken where all of it went out and the connection was not broken off. */
async function overStream(socket: Socket, ready: string, message: Buffer, limitMs: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      let sent = false;
      socket.setTimeout(limitMs, () => (sent ? resolve() : reject(new Error('it does not answer'))));
      socket.once('error', reject);
      // Who does not end the connection too has it all the same.
      socket.once('finish', () => {
        sent = true;
        socket.setTimeout(LINGER_MS);
      });
      socket.once(ready, () => socket.end(Buffer.concat([Buffer.from(`${message.length} `), message])));
      socket.once('close', () => resolve());
      socket.resume();
    });
  } catch (cause) {
    throw away(cause);
  } finally {
    socket.destroy();
  }
}

function away(cause: unknown): CodedError {
  return new CodedError('PARTNER_UNREACHABLE', `${setting} does not take the checkpoint`, {}, { cause });
}
