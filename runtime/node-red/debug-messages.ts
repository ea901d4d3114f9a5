/** Connections of open editors: what debug nodes show of messages is for those who may see their data, and who was changed is cut off. */
import RED from 'node-red';
import { permits, type EditorUser } from './roles.ts';
import type { Sessions } from './sessions.ts';

/** As Node-RED makes it for each editor that is open. */
interface Connection {
  user?: Pick<EditorUser, 'permissions'>;
  /** Comes with the login, after the connection. */
  token?: string;
  ws: { close(): void };
  send(topic: string, data: unknown): void;
}

interface Comms {
  addConnection(options: { client: Connection }): Promise<void>;
  removeConnection(options: { client: Connection }): Promise<void>;
}

/** How long who is in no more still hears something. */
const lookMs = 2000;

/** Node-RED sends debug messages to all who are in the editor, as long as they stay. */
export function guardConnections(stillIn: Sessions['stillIn'] = async () => true): void {
  const comms = RED.runtime.comms as unknown as Comms;
  const { addConnection, removeConnection } = comms;
  const open = new Set<Connection>();
  const closeEnded = (): void => {
    for (const { token, ws } of open)
      if (token)
        void stillIn(token).then(
          (known) => known || ws.close(),
          () => {},
        );
  };
  setInterval(closeEnded, lookMs).unref();
  comms.removeConnection = (options) => {
    open.delete(options.client);
    return removeConnection(options);
  };
  comms.addConnection = (options) => {
    const { client } = options;
    const send = client.send.bind(client);
    client.send = (topic, data) => {
      if (topic !== 'debug' || seesData(client)) send(topic, data);
    };
    open.add(client);
    return addConnection(options);
  };
}

function seesData({ user }: Connection): boolean {
  return user !== undefined && permits(user.permissions, 'crossdock.data');
}
