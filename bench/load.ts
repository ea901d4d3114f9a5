/** Load: signed orders over kept connections, as raw bytes made beforehand, so that the generator is not what is measured. */
import { createHmac } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { once } from 'node:events';
import { quantile } from './measure.ts';
import { orderBody, path, secret } from './orders.ts';

export interface LoadQuestion {
  url: string;
  connections: number;
  requests: number;
  /** Sent before, not counted. */
  warmUp: number;
  /** Number of the first order. */
  first: number;
  /** Requests begun a second; as fast as the answers come when left out. */
  perSecond?: number;
  /** What is refused: in turn signed wrongly, signed and no JSON, at a path that nobody has. */
  bad?: boolean;
}

export interface LoadAnswer {
  perSecond: number;
  p50Ms: number;
  p99Ms: number;
  /** When the first counted request began, in ms since 1970. */
  begun: number;
}

const { url, connections, requests, warmUp, first, perSecond, bad } = JSON.parse(
  process.argv[2] ?? '',
) as LoadQuestion;
const { hostname, port, host } = new URL(url);

function requestOf(number: number): Buffer {
  const body = orderBody(number);
  if (!bad) return posted(path, body);
  const torn = body.slice(0, -1);
  return [posted(path, body, `${body} `), posted(path, torn), posted(`${path}/none`, body)][number % 3]!;
}

function posted(to: string, body: string, signed = body): Buffer {
  const mac = createHmac('sha256', secret).update(signed).digest('base64');
  return Buffer.from(
    `POST ${to} HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\n` +
      `x-shopify-hmac-sha256: ${mac}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Sends one request and resolves with the status, once the whole answer is there. */
function exchange(socket: Socket, request: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const stop = (): void => void socket.off('data', take).off('close', lost);
    const lost = (): void => reject(new Error('The connection was closed'));
    const take = (chunk: Buffer): void => {
      answer += chunk.toString('latin1');
      const head = answer.indexOf('\r\n\r\n');
      if (head < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(answer)?.[1]);
      if (answer.length < head + 4 + length) return;
      stop();
      resolve(Number(answer.slice(9, 12)));
    };
    socket.on('data', take).on('close', lost);
    socket.write(request);
  });
}

async function run(bodies: Buffer[], sockets: Socket[], pauseMs: number): Promise<Float64Array> {
  const times = new Float64Array(bodies.length);
  const started = performance.now();
  let next = 0;
  const work = async (socket: Socket): Promise<void> => {
    for (let at = next++; at < bodies.length; at = next++) {
      const due = started + at * pauseMs;
      if (due > performance.now())
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()));
      const begun = pauseMs > 0 ? due : performance.now();
      const status = await exchange(socket, bodies[at]!);
      const expected = bad ? status >= 400 && status < 500 : status === 202;
      if (!expected) throw new Error(`A request was answered ${status}`);
      times[at] = performance.now() - begun;
    }
  };
  await Promise.all(sockets.map(work));
  return times;
}

const sockets = await Promise.all(
  Array.from({ length: connections }, async () => {
    const socket = connect({ host: hostname, port: Number(port), noDelay: true });
    await once(socket, 'connect');
    return socket;
  }),
);
const all = Array.from({ length: warmUp + requests }, (_, at) => requestOf(first + at));
await run(all.slice(0, warmUp), sockets, 0);
const started = performance.now();
const begun = Date.now();
const times = await run(all.slice(warmUp), sockets, perSecond ? 1000 / perSecond : 0);
const seconds = (performance.now() - started) / 1000;
times.sort();
const answer: LoadAnswer = {
  perSecond: requests / seconds,
  p50Ms: quantile(times, 0.5),
  p99Ms: quantile(times, 0.99),
  begun,
};
process.stdout.write(JSON.stringify(answer));
for (const socket of sockets) socket.destroy();
