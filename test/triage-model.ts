/** A small server that speaks as language models do: it keeps every byte it was sent, and answers as it is told. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Answer = (response: ServerResponse, request: IncomingMessage) => void;

export interface Model {
  /** `http://127.0.0.1:1234/v1`. */
  url: string;
  /** Head and body of each call. */
  received: { method: string; path: string; headers: IncomingMessage['headers']; body: string }[];
  answer: Answer;
  close(): Promise<void>;
}

/** An answer with this text, and what else a message may hold. */
export function says(content: unknown, more: object = {}): Answer {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return (response) =>
    void response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ choices: [{ message: { role: 'assistant', content: text, ...more } }] }));
}

export const claim = (text: string, ...steps: string[]) => ({ text, steps });

export async function startModel(): Promise<Model> {
  const model: Model = {
    url: '',
    received: [],
    answer: says({ claims: [] }),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      model.received.push({ method, path, headers, body: Buffer.concat(parts).toString() });
      model.answer(response, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  model.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`;
  return model;
}
