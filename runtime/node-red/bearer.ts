/** The token of a call: in the header only, as all of the hub's routes take it. */
import type { Request } from 'express';

export function bearerOf({ headers }: Pick<Request, 'headers'>): string | undefined {
  return /^bearer (\S+)$/i.exec(headers.authorization ?? '')?.[1];
}
