/** An HTTP proxy before Odoo: loses an answer after the work was done, answers in Odoo's place, or lets others be quicker. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OdooProxy {
  url: string;
  /** The next call of this method on this model is done, then the connection is cut. Resolves when that has happened. */
  lose(model: string, method: string): Promise<void>;
  /** The next call of this method on this model waits until `work` is done. */
  before(model: string, method: string, work: () => Promise<unknown>): void;
  /** The next call of this method on this model does not reach Odoo and gets this answer. Resolves when it has. */
  instead(model: string, method: string, answer: Answer): Promise<void>;
  close(): Promise<void>;
}

export interface Answer {
  status: number;
  /** An object is sent as JSON, a text as HTML. */
  body: object | string;
}

export async function odooProxy(target: string): Promise<OdooProxy> {
  const traps: Trap[] = [];

  const server = createServer(async (incoming, outgoing) => {
    const body = await whole(incoming);
    const at = traps.findIndex((one) => isCall(one, incoming.url ?? '', body));
    const trap = at < 0 ? undefined : traps.splice(at, 1)[0];
    await trap?.before?.().catch(() => outgoing.destroy());
    if (trap?.instead) {
      answerWith(outgoing, trap.instead);
      trap.hit?.();
      return;
    }
    const forward = request(`${target}${incoming.url}`, {
      method: incoming.method,
      headers: { ...incoming.headers, connection: 'close' },
    });
    forward.on('error', () => outgoing.destroy());
    forward.on('response', async (answer) => {
      const answered = await whole(answer);
      if (trap?.lost) {
        outgoing.destroy();
        trap.hit?.();
        return;
      }
      outgoing.writeHead(answer.statusCode!, answer.headers).end(answered);
    });
    forward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose: (model, method) => new Promise((hit) => traps.push({ model, method, lost: true, hit })),
    instead: (model, method, answer) =>
      new Promise((hit) => traps.push({ model, method, instead: answer, hit })),
    before: (model, method, before) => void traps.push({ model, method, before }),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Trap {
  model: string;
  method: string;
  before?(): Promise<unknown>;
  instead?: Answer;
  lost?: boolean;
  hit?(): void;
}

function answerWith(outgoing: ServerResponse, { status, body }: Answer): void {
  const html = typeof body === 'string';
  outgoing
    .writeHead(status, { 'content-type': html ? 'text/html; charset=utf-8' : 'application/json' })
    .end(html ? body : JSON.stringify(body));
}

/** JSON-2 names model and method in the path, JSON-RPC in the body. */
function isCall({ model, method }: Trap, path: string, body: Buffer): boolean {
  if (path !== '/jsonrpc') return path === `/json/2/${model}/${method}`;
  const { params } = JSON.parse(body.toString()) as { params: { args: unknown[] } };
  return params.args[3] === model && params.args[4] === method;
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
