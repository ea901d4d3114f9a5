/** Starts `child.ts` and logs in there. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface Hub {
  url: string;
  stdout: string;
  stderr: string;
  stop(): Promise<void>;
}

/** `script`: what is started, with its arguments. */
export async function startHub(
  dataDir: string,
  env: NodeJS.ProcessEnv = {},
  script: readonly string[] = ['test/server/child.ts', dataDir, 'test/server/nodes'],
): Promise<Hub> {
  const child: ChildProcess = spawn(process.execPath, [...script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const hub: Hub = { url: '', stdout: '', stderr: '', stop };
  const exited = once(child, 'exit');
  async function stop(): Promise<void> {
    child.kill('SIGTERM');
    await exited;
  }
  child.stderr?.on('data', (chunk: Buffer) => (hub.stderr += chunk.toString()));
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The hub ended with ${code}: ${hub.stderr.slice(-2000)}`)));
    child.stdout?.on('data', (chunk: Buffer) => {
      hub.stdout += chunk.toString();
      hub.url = /listening on (\S+)\n/.exec(hub.stdout)?.[1] ?? '';
      if (hub.url) resolve();
    });
  });
  return hub;
}

export const passwordIn = (text: string): string => /with the password (\S{20,})/.exec(text)?.[1] ?? '';

export async function login(url: string, password: string, username = 'admin'): Promise<Response> {
  const body = { client_id: 'node-red-editor', grant_type: 'password', scope: '', username, password };
  return fetch(`${url}/auth/token`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
