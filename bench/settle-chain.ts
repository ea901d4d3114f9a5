/** Sends messages through a chain of Node-RED's own nodes, with the settlement's hooks and without. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Deliveries } from '../runtime/hub/deliveries.ts';
import { createLog } from '../runtime/log/log.ts';
import { startServer } from '../runtime/node-red/server.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import { settings } from '../settings.ts';

const { hops, messages, rounds } = JSON.parse(process.argv[2] ?? '') as Record<string, number>;
const chain = Array.from({ length: hops! }, (_, at) => ({
  id: `n${at}`,
  type: 'change',
  z: 'tab',
  x: 1,
  y: 1,
  rules: [{ t: 'set', p: 'seen', pt: 'msg', to: 'yes', tot: 'str' }],
  wires: at + 1 < hops! ? [[`n${at + 1}`]] : [],
}));
const flows = [{ id: 'tab', type: 'tab', label: 'chain' }, ...chain];
const none = async (): Promise<object> => ({});
const userDir = mkdtempSync(join(tmpdir(), 'bench-settle-'));
const log = createLog({ level: 'fatal' });
const server = await startServer({
  host: '127.0.0.1',
  port: 0,
  log,
  ready: async () => {},
  settings: settings({
    userDir,
    host: '127.0.0.1',
    port: 0,
    adminAuth: {},
    credentialSecret: 'bench-bench-bench',
    log,
    editor: false,
    storageModule: {
      init: none,
      getFlows: async () => structuredClone(flows),
      saveFlows: none,
      getCredentials: none,
      saveCredentials: none,
      getSettings: none,
      saveSettings: none,
      getSessions: none,
      saveSessions: none,
    },
  }),
});
type Node = { receive(msg: object): void; on(event: string, seen: (...args: never[]) => void): void };
const { getNode } = server.RED.nodes as unknown as { getNode(id: string): Node };
const deliveries = new Deliveries();
const ended = new Map<string, () => void>();
getNode(`n${hops! - 1}`).on('input', ((msg: { id: string }, _send: unknown, done: () => void) => {
  ended.get(msg.id)?.();
  done();
}) as never);

const together = 64;

/** Without hooks until each message has reached the end, with hooks until each delivery is settled; µs a hop. */
async function pass(tracked: boolean): Promise<number> {
  const started = performance.now();
  for (let at = 0; at < messages!; at += together)
    await Promise.all(Array.from({ length: together }, (_, beside) => send(String(at + beside), tracked)));
  return ((performance.now() - started) * 1000) / messages! / hops!;
}

async function send(id: string, tracked: boolean): Promise<void> {
  const first = getNode('n0');
  if (!tracked) {
    await new Promise<void>((resolve) => {
      ended.set(id, resolve);
      first.receive({ id, payload: id });
    });
    ended.delete(id);
    return;
  }
  await deliveries.run({ flow: 'chain', flowVersion: '1', timeLimitMs: 10_000 }, ({ id: _delivery }) =>
    first.receive({ id, payload: id, _delivery }),
  );
}

const found: { plain: number[]; tracked: number[] } = { plain: [], tracked: [] };
for (let round = 0; round <= rounds!; round += 1) {
  const plain = await pass(false);
  const untrack = trackDeliveries(deliveries, log);
  const tracked = await pass(true);
  untrack();
  // The first round warms up.
  if (round === 0) continue;
  found.plain.push(plain);
  found.tracked.push(tracked);
}
await server.stop();
rmSync(userDir, { recursive: true, force: true });
process.stdout.write(JSON.stringify(found));
process.exit(0);
