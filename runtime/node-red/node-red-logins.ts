/** Node-RED's own store of logins, so that the editor, its connection, the tower and the API share one. */
import { createRequire } from 'node:module';

/** Node-RED keeps it, and hands it out by reference. */
export interface Session {
  user: string;
  /** What was asked for at the login; nothing: all that the user may do. */
  scope: string | readonly string[];
  /** Milliseconds since 1970. */
  expires: number;
}

const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));

export const logins = nodeRed('@node-red/editor-api/lib/auth/tokens.js') as {
  create(
    user: string,
    client: string,
    scope: readonly string[],
    useExchangeCode: false,
  ): Promise<{ accessToken: string; expires_in: number }>;
  /** Ends those that are over, and the connections of their pages. */
  get(token: string): Promise<Session | null | undefined>;
  revoke(token: string): Promise<void>;
};
