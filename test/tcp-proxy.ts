/** A TCP proxy that breaks on command, to test what stands on both sides of a network. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  port: number;
  /** Ends every connection at once; new ones are accepted. */
  cut(): void;
  /** No byte passes in either direction, and nobody is told. */
  pause(): void;
  resume(): void;
  /** New connections pass again; those of the pause stay silent for ever. */
  forget(): void;
  /** Ends every connection and refuses new ones until `up`. */
  down(): void;
  up(): void;
  connections(): number;
  close(): Promise<void>;
}

/** In front of `host:port`, on a free port of the loopback. */
export async function tcpProxy(port: number, host = '127.0.0.1'): Promise<TcpProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let paused = false;
  let refusing = false;

  const server = createServer((inside) => {
    if (refusing) {
      inside.destroy();
      return;
    }
    const outside = connect(port, host);
    const pair: [Socket, Socket] = [inside, outside];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', end).on('close', end);
    join(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function join([inside, outside]: [Socket, Socket]): void {
    if (paused) return;
    inside.pipe(outside);
    outside.pipe(inside);
  }

  function cut(): void {
    for (const [inside, outside] of pairs) {
      inside.resetAndDestroy();
      outside.destroy();
    }
    pairs.clear();
  }

  return {
    port: (server.address() as AddressInfo).port,
    cut,
    pause() {
      paused = true;
      for (const [inside, outside] of pairs) {
        inside.unpipe(outside);
        outside.unpipe(inside);
        inside.pause();
        outside.pause();
      }
    },
    resume() {
      paused = false;
      pairs.forEach(join);
    },
    forget() {
      paused = false;
    },
    down() {
      refusing = true;
      cut();
    },
    up() {
      refusing = false;
    },
    connections: () => pairs.size,
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
