/** Stands before an Odoo: counts the calls, and notes when each order's `load` was answered. */
import { createServer, request as ask } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Recorder {
  url: string;
  /** When the order stood in Odoo, by its number, in ms since 1970. */
  landed: Map<number, number>;
  /** How many calls of each method: `sale.order/load`. */
  calls: Map<string, number>;
  close(): void;
}

const loading = '/json/2/sale.order/load';

export async function recorder(odoo: string): Promise<Recorder> {
  const landed = new Map<number, number>();
  const calls = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks);
      const { method, headers, url } = request;
      const called = (url ?? '').replace('/json/2/', '');
      calls.set(called, (calls.get(called) ?? 0) + 1);
      // On a connection of its own: a kept one may have been closed while the other contender had its turn.
      const onward = ask(new URL(url ?? '/', odoo), { method, headers, agent: false }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
        if (url === loading && answer.statusCode === 200) answer.once('end', () => note(body));
      });
      onward.on('error', () => response.destroy());
      onward.end(body);
    });
  });
  server.keepAliveTimeout = 0;
  function note(body: Buffer): void {
    const { fields, data } = JSON.parse(body.toString('utf8')) as { fields: string[]; data: string[][] };
    const at = fields.indexOf('client_order_ref');
    for (const row of data) if (row[at]) landed.set(Number(row[at]), Date.now());
  }
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    landed,
    calls,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}
