/** An HTTP proxy before Odoo that loses answers: Odoo does the work, and the caller never hears of it. */
import { createServer, request, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface LosingProxy {
  url: string;
  /** The next call of this method on this model is done, then the connection is cut. Resolves when that has happened. */
  lose(model: string, method: string): Promise<void>;
  close(): Promise<void>;
}

export async function losingProxy(target: string): Promise<LosingProxy> {
  const traps: { model: string; method: string; sprung(): void }[] = [];

  const server = createServer(async (incoming, outgoing) => {
    const body = await whole(incoming);
    const forward = request(`${target}${incoming.url}`, {
      method: incoming.method,
      headers: { ...incoming.headers, connection: 'close' },
    });
    forward.on('error', () => outgoing.destroy());
    forward.on('response', async (answer) => {
      const answered = await whole(answer);
      const trap = traps.findIndex((one) => isCall(one, incoming.url ?? '', body));
      if (trap >= 0) {
        outgoing.destroy();
        traps.splice(trap, 1)[0]!.sprung();
        return;
      }
      outgoing.writeHead(answer.statusCode!, answer.headers).end(answered);
    });
    forward.end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lose: (model, method) => new Promise((sprung) => traps.push({ model, method, sprung })),
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** JSON-2 names model and method in the path, JSON-RPC in the body. */
function isCall({ model, method }: { model: string; method: string }, path: string, body: Buffer): boolean {
  if (path !== '/jsonrpc') return path === `/json/2/${model}/${method}`;
  const { params } = JSON.parse(body.toString()) as { params: { args: unknown[] } };
  return params.args[3] === model && params.args[4] === method;
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
