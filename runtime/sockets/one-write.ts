/** Clients that write each command and frame for itself: what they write in one turn goes to the system at once. */
import type { Socket } from 'node:net';

/** A call of the system is dearer than what the clients do besides. */
export function oneWriteATurn(socket: Pick<Socket, 'write' | 'cork' | 'uncork'>): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let corked = false;
  socket.write = (...args: unknown[]): boolean => {
    if (!corked) {
      corked = true;
      socket.cork();
      setImmediate(() => {
        corked = false;
        socket.uncork();
      });
    }
    return write(...args);
  };
}
