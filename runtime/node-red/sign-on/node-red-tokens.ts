/** Node-RED's own store of logins, so that the editor, its connection, the tower and the API share one. */
import { createRequire } from 'node:module';

const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));

export const logins = nodeRed('@node-red/editor-api/lib/auth/tokens.js') as {
  create(
    user: string,
    client: string,
    scope: readonly string[],
    useExchangeCode: false,
  ): Promise<{ accessToken: string; expires_in: number }>;
  revoke(token: string): Promise<void>;
};
