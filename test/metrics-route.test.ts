/** Who may read /metrics. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createLog } from '../runtime/log/log.ts';
import { metricsRoute } from '../runtime/node-red/metrics-route.ts';
import { makeToken } from '../runtime/node-red/tokens.ts';

const log = createLog({ level: 'silent' });

describe('/metrics', () => {
  const shared = 'a-secret-of-thirty-two-characters';
  let dir: string;
  let ask: (
    headers?: Record<string, string>,
  ) => Promise<{ status: number; text: string; type: string | null }>;
  let end: () => void;
  before(async () => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-metrics-'));
    const route = metricsRoute({
      scraping: { text: async () => 'the figures', contentType: 'text/plain; version=0.0.4' },
      dataDir: dir,
      env: { CROSSDOCK_METRICS_TOKEN: shared },
      log,
    });
    const server = express().get('/metrics', route).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
    ask = async (headers = {}) => {
      const answer = await fetch(url, { headers });
      return { status: answer.status, text: await answer.text(), type: answer.headers.get('content-type') };
    };
    end = () => {
      server.closeAllConnections();
      server.close();
    };
  });
  after(() => {
    end();
    rmSync(dir, { recursive: true });
  });

  it('answers programs on this machine', async () => {
    const { status, text, type } = await ask();
    assert.deepEqual([status, text, type], [200, 'the figures', 'text/plain; version=0.0.4']);
  });

  it('asks for a token where a proxy passed the call on', async () => {
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via']) {
      const { status, text } = await ask({ [name]: '127.0.0.1' });
      assert.equal(status, 401, name);
      assert.equal((JSON.parse(text) as { code: string }).code, 'LOGIN_MISSING');
      assert.doesNotMatch(text, /figures/);
    }
  });

  it('takes each token that may read them, and no other', async () => {
    const from = { 'X-Forwarded-For': '192.0.2.1' };
    const as = async (token: string) => (await ask({ ...from, Authorization: `Bearer ${token}` })).status;
    for (const scope of ['metrics', 'read', 'promote'] as const)
      assert.equal(await as(await makeToken(dir, `of-${scope}`, scope)), 200, scope);
    assert.equal(await as(shared), 200);
    const last = await makeToken(dir, 'again', 'metrics');
    await makeToken(dir, 'again', 'metrics');
    for (const token of [last, `${shared}x`, shared.slice(1), 'x']) assert.equal(await as(token), 401, token);
  });

  it('does not begin with a token that can be guessed', () => {
    const env = { CROSSDOCK_METRICS_TOKEN: 'prometheus' };
    const scrapes = { text: async () => '', contentType: '' };
    assert.throws(() => metricsRoute({ scraping: scrapes, dataDir: dir, env, log }), {
      code: 'CONFIG_INVALID',
    });
  });
});
