/** Another hub that answers what this one does not know: a coded error, whatever it says. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Response } from 'express';
import type { Environment } from '../runtime/environments/environment.ts';
import { asCoded, CodedError } from '../runtime/errors/coded-error.ts';
import type { Code } from '../runtime/errors/codes.ts';
import { refuse } from '../runtime/node-red/refuse.ts';
import { ask } from '../runtime/release/remote.ts';

describe('another hub', () => {
  let server: Server;
  let environment: Environment;
  let answer: { status: number; body: string };
  before(async () => {
    server = createServer((_request, response) => response.writeHead(answer.status).end(answer.body));
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const admin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    environment = { environment: 'prod', summary: 'x', admin, token: 'TOKEN' };
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  const asked = async (status: number, body: string): Promise<CodedError> => {
    answer = { status, body };
    return ask(environment, { TOKEN: 't' }, 'GET', 'releases').then(
      () => assert.fail('it answered'),
      (error: unknown) => asCoded(error),
    );
  };

  for (const [status, body, code, says] of [
    [403, '{"code":"FROZEN","message":"until Monday"}', 'FROZEN', 'prod: until Monday'],
    [422, '{"code":"OF_TOMORROW","message":"new"}', 'REMOTE_FAILED', 'prod: OF_TOMORROW: new'],
    [422, '{"code":"toString"}', 'REMOTE_FAILED', 'prod: toString: HTTP 422'],
    [500, '{"code":5,"message":{}}', 'REMOTE_FAILED', 'prod: HTTP 500'],
    [500, 'null', 'REMOTE_FAILED', 'prod: HTTP 500'],
    [502, '<html>', 'REMOTE_FAILED', 'prod: HTTP 502'],
    [200, '<html>', 'REMOTE_FAILED', 'prod: HTTP 200'],
  ] as const)
    it(`that answers ${status} ${body} is ${code}`, async () => {
      const error = await asked(status, body);
      assert.deepEqual([error.code, error.message], [code, says]);
    });

  it('a code that the table does not know is answered as INTERNAL, not by the end of the process', () => {
    const error = new CodedError('OF_TOMORROW' as Code, 'x');
    assert.equal(error.row.status, 500);
    let status = 0;
    const response = {
      headersSent: false,
      status: (given: number) => ((status = given), { json: () => {} }),
    } as unknown as Response;
    refuse(response, error.code, error.message);
    assert.equal(status, 500);
  });
});
