/** A TCP proxy that breaks on command, to test what stands on both sides of a network. */
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Transform } from 'node:stream';

export interface TcpProxy {
  port: number;
  /** Ends every connection at once; new ones are accepted. */
  cut(): void;
  /** No byte passes in either direction, and nobody is told. */
  pause(): void;
  resume(): void;
  /** New connections pass again; those of the pause stay silent for ever. */
  forget(): void;
  /** Every byte arrives this much later, in both directions; 0 ends it. */
  delay(ms: number): void;
  /** Ends every connection and refuses new ones until `up`. */
  down(): void;
  up(): void;
  connections(): number;
  close(): Promise<void>;
}

/** In front of `host:port`, on a free port of the loopback. */
export async function tcpProxy(port: number, host = '127.0.0.1'): Promise<TcpProxy> {
  const pairs = new Set<Pair>();
  let paused = false;
  let latency = 0;
  let refusing = false;

  const server = createServer((inside) => {
    if (refusing) {
      inside.destroy();
      return;
    }
    const outside = connect(port, host);
    const pair: Pair = { inside, outside, up: later(() => latency), down: later(() => latency) };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const stream of Object.values(pair)) stream.destroy();
    };
    pair.up.pipe(outside);
    pair.down.pipe(inside);
    // What is on its way when one side closes still reaches the other.
    const endLater = () => (latency === 0 ? end() : setTimeout(end, latency));
    for (const socket of [inside, outside]) socket.setNoDelay(true).on('error', end).on('close', endLater);
    join(pair);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  function join({ inside, outside, up, down }: Pair): void {
    if (paused) return;
    inside.pipe(up);
    outside.pipe(down);
  }

  function cut(): void {
    for (const { inside, outside } of pairs) {
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
      for (const { inside, outside, up, down } of pairs) {
        inside.unpipe(up);
        outside.unpipe(down);
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
    delay(ms) {
      latency = ms;
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

interface Pair {
  inside: Socket;
  outside: Socket;
  up: Transform;
  down: Transform;
}

/** Passes each chunk `latency()` ms after it came, in order. */
function later(latency: () => number): Transform {
  const held: Buffer[] = [];
  let atLast: (() => void) | undefined;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      if (latency() === 0 && held.length === 0) return done(null, chunk);
      held.push(chunk);
      setTimeout(() => {
        if (!this.destroyed) this.push(held.shift());
        if (held.length === 0) atLast?.();
      }, latency());
      done();
    },
    flush(done) {
      if (held.length === 0) done();
      else atLast = done;
    },
  });
}
