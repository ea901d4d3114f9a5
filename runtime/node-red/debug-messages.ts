/** What debug nodes show of messages is for those who may see their data: Node-RED sends it to all who are in the editor. */
import RED from 'node-red';
import { permits, type EditorUser } from './users.ts';

/** As Node-RED makes it for each editor that is open. */
interface Connection {
  user?: Pick<EditorUser, 'permissions'>;
  send(topic: string, data: unknown): void;
}

interface Comms {
  addConnection(options: { client: Connection }): Promise<void>;
}

export function keepDebugMessages(): void {
  const comms = RED.runtime.comms as unknown as Comms;
  const { addConnection } = comms;
  comms.addConnection = (options) => {
    const { client } = options;
    const send = client.send.bind(client);
    client.send = (topic, data) => {
      if (topic !== 'debug' || seesData(client)) send(topic, data);
    };
    return addConnection(options);
  };
}

function seesData({ user }: Connection): boolean {
  return user !== undefined && permits(user.permissions, 'crossdock.data');
}
