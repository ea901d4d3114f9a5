/** Sends Node-RED's log to the hub's. */
import type { Log } from '../log/log.ts';

interface Entry {
  level: number;
  msg?: unknown;
  type?: string;
  id?: string;
  name?: string;
  /** Of audit entries. */
  event?: string;
  user?: { username?: string };
  username?: string;
  path?: string;
  ip?: string;
}

const audit = 98;
const metric = 99;
const levels: Record<number, 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace'> = {
  10: 'fatal',
  20: 'error',
  30: 'warn',
  40: 'info',
  50: 'debug',
  60: 'trace',
};
/** Reads by the editor are no news. */
const quiet = /\.get$|^settings\.|^nodes\.(list|configs|icons)|^plugins\./;

/** A log handler for Node-RED's `logging` setting. Audit entries keep who, what and where; never a request's content. */
export function nodeRedLog(log: Log): object {
  const child = log.child({ part: 'node-red' });
  const handler = (entry: Entry): void => {
    if (entry.level === metric) return;
    if (entry.level === audit) {
      const { event, path, ip } = entry;
      const user = entry.user?.username ?? entry.username;
      child[event && quiet.test(event) ? 'debug' : 'info']({ audit: event, user, path, ip }, 'audit');
      return;
    }
    const node = entry.type ? { nodeType: entry.type, node: entry.id, name: entry.name } : {};
    const write = levels[entry.level] ?? 'info';
    if (entry.msg instanceof Error) child[write]({ ...node, err: entry.msg }, entry.msg.message);
    else child[write](node, textOf(entry.msg));
  };
  return { level: 'trace', metrics: false, audit: true, handler: () => handler };
}

function textOf(message: unknown): string {
  if (typeof message === 'string') return message.trim();
  const inner = (message as { message?: unknown } | null)?.message;
  return typeof inner === 'string' ? inner : String(message);
}
