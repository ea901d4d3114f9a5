/** A hub, on the embedded profile unless the environment says another, with Node-RED's test helper for its flows and a port for its webhooks. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import express from 'express';
import helper from 'node-red-node-test-helper';
import type { Hub } from '../runtime/hub/hub.ts';
import { openHub } from '../runtime/hub/open.ts';
import { createLog, type Log } from '../runtime/log/log.ts';
import { profileOf } from '../runtime/stores/profile.ts';
import type { NodeFactory } from '../runtime/node-red/define-node.ts';
import { trackDeliveries } from '../runtime/node-red/settlement.ts';
import type { Tracing } from '../runtime/tracing/span.ts';

export interface HubInHelper {
  hub: Hub;
  url: string;
  close(): Promise<void>;
}

/** The log says nothing unless one is given. */
export async function openHubInHelper(options: {
  dataDir: string;
  definitionsDir?: string;
  log?: Log;
  env?: NodeJS.ProcessEnv;
  tracing?: Tracing | undefined;
}): Promise<HubInHelper> {
  const { dataDir, definitionsDir = 'definitions', log = createLog({ level: 'silent' }) } = options;
  const { env = {}, tracing } = options;
  const hub = await openHub({ profile: profileOf(env), dataDir, definitionsDir, env, log, tracing });
  const untrack = trackDeliveries(hub.deliveries, log);
  helper.init(createRequire(import.meta.url).resolve('node-red'));
  await new Promise<void>((resolve) => helper.startServer(resolve));
  const server = createServer(express().use(hub.intake.router)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    hub,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      untrack();
      await new Promise<void>((resolve) => helper.stopServer(resolve));
      server.closeAllConnections();
      server.close();
      await hub.close();
    },
  };
}

/** The project's own nodes of these types. */
export function nodesOf(types: readonly string[]): Promise<NodeFactory[]> {
  return Promise.all(
    types.map(
      async (type) => ((await import(`../nodes/${type}/index.ts`)) as { default: NodeFactory }).default,
    ),
  );
}
