/** A hub of fixture nodes for the server tests, in a process of its own: `child.ts <dataDir> <nodesDir>`. */
import { existsSync, symlinkSync } from 'node:fs';
import { embeddedJournal } from '../../runtime/journal/embedded.ts';
import { openStore } from '../../runtime/sqlite/store.ts';
import { createLog } from '../../runtime/log/log.ts';
import { credentialSecret } from '../../runtime/hub/credential-secret.ts';
import { buildPalette } from '../../runtime/node-red/palette.ts';
import { startServer } from '../../runtime/node-red/server.ts';
import { signOnFor } from '../../runtime/node-red/sign-on/sign-on.ts';
import { openBook } from '../../runtime/node-red/session-book.ts';
import { openUsers } from '../../runtime/node-red/users.ts';
import { followRoles } from '../../runtime/roles/roles.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { settings } from '../../settings.ts';

const [dataDir = '', nodesDir = ''] = process.argv.slice(2);
const log = createLog();
// Without the hub's own storage Node-RED keeps its logins here.
if (!existsSync(`${dataDir}/users.json`)) symlinkSync('node-red/.sessions.json', `${dataDir}/sessions.json`);
const userDir = `${dataDir}/node-red`;
await buildPalette({ nodesDir, userDir });
const { audit } = embeddedJournal(openStore(`${dataDir}/crossdock.db`));
const { IDLE_SECONDS, MAXIMUM_SECONDS } = process.env;
const limits = {
  idleSeconds: Number(IDLE_SECONDS ?? 900),
  maximumSeconds: Number(MAXIMUM_SECONDS ?? 8 * 3600),
};
const definitionsDir = () => process.env.DEFINITIONS ?? dataDir;
const roles = followRoles(definitionsDir);
const book = openBook(dataDir);
const signOn = signOnFor(process.env, { definitionsDir, dataDir, readOnly: false, audit, roles, book, log });
const users = await openUsers(dataDir, (text) => process.stdout.write(text), {
  audit,
  limits,
  roles,
  book,
  ...signOn,
});
const server = await startServer({
  port: Number(process.env.PORT ?? 0),
  log,
  users,
  settings: {
    ...settings({
      userDir,
      host: '127.0.0.1',
      port: 0,
      adminAuth: users.adminAuth,
      credentialSecret: await credentialSecret(dataDir, log),
      log,
    }),
    webSocketKeepAliveTime: 300,
  },
  async ready() {
    if (process.env.BROKEN) throw new CodedError('BROKER_UNAVAILABLE', 'The broker cannot be reached');
  },
});
process.stdout.write(`listening on ${server.url}\n`);
process.once('SIGTERM', () => void server.stop().then(() => process.exit(0)));
