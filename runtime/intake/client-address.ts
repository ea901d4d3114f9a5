/** Who sent a request: the address of the connection, or what a proxy that is trusted says of it. */
import type { IncomingMessage } from 'node:http';
import { CodedError } from '../errors/coded-error.ts';
import { isAmong, rangeOf } from './addresses.ts';

type Request = Pick<IncomingMessage, 'headers'> & {
  socket: Pick<IncomingMessage['socket'], 'remoteAddress'>;
};

export interface Clients {
  /** Empty where the connection is gone. */
  clientAddress(request: Request): string;
  /** Its headers about the client may be believed: the connection is that of a trusted proxy. */
  isByProxy(request: Request): boolean;
}

/**
 * `proxies`: addresses and CIDR ranges, separated by blanks or commas. `X-Forwarded-For` is read from its end, as each
 * proxy adds whom it heard: the last address that is no trusted proxy is the client. Throws CodedError CONFIG_INVALID.
 */
export function clientsBehind(proxies = ''): Clients {
  const trusted = proxies
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((text) => {
      const range = rangeOf(text);
      if (range) return range;
      throw new CodedError(
        'CONFIG_INVALID',
        `CROSSDOCK_TRUSTED_PROXIES has ${text}, which is no address and no CIDR range`,
      );
    });
  const isByProxy = ({ socket }: Request): boolean =>
    trusted.length > 0 && isAmong(socket.remoteAddress ?? '', trusted);
  return {
    isByProxy,
    clientAddress(request) {
      const peer = request.socket.remoteAddress ?? '';
      if (!isByProxy(request)) return peer;
      const said = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
      const hops = said.map((one) => one.trim()).filter(Boolean);
      return hops.findLast((one) => !isAmong(one, trusted)) ?? hops[0] ?? peer;
    },
  };
}
