/** A deploy through the admin API, as the editor does it. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestedHub } from './hub.ts';

type Deployment = 'full' | 'reload';

interface Flows {
  rev: string;
  flows: unknown[];
}

const patienceMs = 60_000;

/** Tries until the hub has taken it: between login and answer the process may be killed. */
export async function redeploy(hub: TestedHub, deployment: Deployment): Promise<void> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const { url } = await hub.authoring.up();
    try {
      return await deploy(url, await login(url, hub.password), deployment);
    } catch (error) {
      if (Date.now() > end) throw error;
      await sleep(200);
    }
  }
}

async function login(url: string, password: string): Promise<string> {
  const body = {
    client_id: 'node-red-editor',
    grant_type: 'password',
    scope: '*',
    username: 'admin',
    password,
  };
  const { access_token: token } = await ask<{ access_token: string }>(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return token;
}

async function deploy(url: string, token: string, deployment: Deployment): Promise<void> {
  const headers = {
    authorization: `Bearer ${token}`,
    'node-red-api-version': 'v2',
    'content-type': 'application/json',
  };
  const { rev, flows } = await ask<Flows>(`${url}/flows`, { headers });
  await ask(`${url}/flows`, {
    method: 'POST',
    headers: { ...headers, 'node-red-deployment-type': deployment },
    body: JSON.stringify(deployment === 'reload' ? {} : { rev, flows }),
  });
}

async function ask<T>(url: string, init: RequestInit): Promise<T> {
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(patienceMs) });
  const text = await response.text();
  if (!response.ok)
    throw new Error(`${init.method ?? 'GET'} ${url}: ${response.status} ${text.slice(0, 200)}`);
  return JSON.parse(text) as T;
}
