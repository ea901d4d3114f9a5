/** The world outside of a flow under test: stubs that answer what the test says, and no way to anywhere else. */
import { createServer } from 'node:http';
import { Socket, type AddressInfo } from 'node:net';
import { CodedError } from '../errors/coded-error.ts';
import type { TestCase } from './spec.ts';

export interface Outside {
  /** What a flow's `${NAME}` with an address is during tests. */
  address(name: string): string;
  /** From now on these stubs answer; `failing`: each refuses its first call. */
  use(stubs: TestCase['stubs'], failing: boolean): void;
  /** Calls since `use`. */
  calls(): Record<string, unknown>[];
  /** Calls no stub answers, and connections to elsewhere. */
  unknown(): string[];
  close(): Promise<void>;
}

export async function openOutside(): Promise<Outside> {
  let stubs: NonNullable<TestCase['stubs']> = {};
  let calls: Record<string, unknown>[] = [];
  let unknown: string[] = [];
  let failing = new Set<string>();
  const server = createServer((request, response) => {
    void (async () => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const text = Buffer.concat(chunks).toString();
      const [, name = '', path = '/'] = /^\/([^/?]+)(.*)$/.exec(request.url ?? '') ?? [];
      const call = `${request.method} ${path || '/'}`;
      const stub = stubs[name]?.[call];
      const send = (status: number, body: unknown): void =>
        void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (!stub) {
        unknown.push(`${name} ${call}`);
        return send(501, { code: 'TEST_CALL_UNKNOWN' });
      }
      if (failing.delete(`${name} ${call}`)) return send(500, { error: 'fails once' });
      calls.push({ [name]: call, ...(text && { body: parsed(text) }) });
      send(stub.status ?? 200, stub.body ?? {});
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const release = stayInside((host) => unknown.push(`a connection to ${host}`));
  return {
    address: (name) => `http://127.0.0.1:${port}/${name}`,
    use(given = {}, fail) {
      [stubs, calls, unknown] = [given, [], []];
      const all = Object.entries(given).flatMap(([name, routes]) =>
        Object.keys(routes).map((route) => `${name} ${route}`),
      );
      failing = new Set(fail ? all : []);
    },
    calls: () => calls,
    unknown: () => unknown,
    async close() {
      release();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Whatever a node uses to call, it ends at a socket: one that leaves this machine is refused. */
function stayInside(refused: (host: string) => void): () => void {
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    const [first] = Array.isArray(args[0]) ? (args[0] as unknown[]) : args;
    const { host, path } = (typeof first === 'object' && first !== null ? first : {}) as {
      host?: string;
      path?: string;
    };
    const to = host ?? (typeof args[1] === 'string' ? args[1] : 'localhost');
    if (path !== undefined || ['localhost', '127.0.0.1', '::1'].includes(to))
      return connect.apply(this, args as never);
    refused(to);
    process.nextTick(() =>
      this.destroy(new CodedError('TEST_CALL_UNKNOWN', `The test has no stub for ${to}`, { host: to })),
    );
    return this;
  } as typeof connect;
  return () => void (Socket.prototype.connect = connect);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
