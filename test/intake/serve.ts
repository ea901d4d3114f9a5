/** An intake on an Express app of its own, and a plain TCP client for what no HTTP client would send. */
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import express from 'express';
import { accepted } from '../../runtime/intake/answer.ts';
import type { Handler } from '../../runtime/intake/route.ts';
import { intakeRouter, type Intake, type IntakeOptions, type Refusal } from '../../runtime/intake/routes.ts';

export interface Served {
  intake: Intake;
  /** What onRefused was told, in order. */
  refusals: Refusal[];
  port: number;
  /** Default POST with the body `{}`. */
  ask(path: string, init?: RequestInit & { duplex?: 'half' }): Promise<Told>;
  close(): Promise<void>;
}

export interface Told {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

export async function serve(options: IntakeOptions = {}, before?: express.RequestHandler): Promise<Served> {
  const refusals: Refusal[] = [];
  const intake = intakeRouter({ onRefused: (refusal) => refusals.push(refusal), ...options });
  const app = express();
  if (before) app.use(before);
  app.use(intake.router);
  app.use((_request, response) => {
    response.status(418).send('not the intake');
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    intake,
    refusals,
    port,
    async ask(path, init = {}) {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', body: '{}', ...init });
      const text = await answer.text();
      const isJson = answer.headers.get('content-type') === 'application/json; charset=utf-8';
      return {
        status: answer.status,
        headers: answer.headers,
        text,
        json: isJson ? (JSON.parse(text) as Record<string, unknown>) : {},
      };
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

/** Sends the head of a POST and then each part; what the server says is in `received`. */
export function tcp(port: number, head: string, ...parts: string[]) {
  const socket = connect(port, '127.0.0.1');
  const client = { socket, received: '', closed: once(socket, 'close') };
  socket.setEncoding('latin1').on('data', (text) => {
    client.received += String(text);
  });
  socket.on('error', () => {});
  socket.write(`POST ${head}\r\n\r\n${parts.join('')}`);
  return client;
}

export const taken: Handler = async ({ id }) => accepted(id);

/** Waits for what has no event; throws after two seconds. */
export async function until(holds: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (holds()) return;
    await wait(5);
  }
  throw new Error('It did not come to pass');
}
