/** A hub in this process, each of its routes asked as each role: `child.ts <dataDir> <role>…`. Prints what they answered as JSON. */
import { join } from 'node:path';
import { cpSync, writeFileSync } from 'node:fs';
import bcrypt from 'bcryptjs';
import { addressOf } from './addresses.ts';
import { rootOf, routesOf, watchHub } from './walk.ts';

const [dataDir = '', ...roles] = process.argv.slice(2);
const password = 'twelve characters';
/** Of an answer that says: here it would have been done. */
const reached = 299;

watchHub();

const hash = bcrypt.hashSync(password, 4);
writeFileSync(
  join(dataDir, 'users.json'),
  JSON.stringify(Object.fromEntries(roles.map((role) => [role, { hash, role }]))),
);
cpSync('flows', join(dataDir, 'flows'), { recursive: true });
const { startHub } = await import('../../runtime/app/start.ts');
const hub = await startHub({ dataDir, flowsDir: join(dataDir, 'flows'), port: 0, announce: () => {} });
const routes = routesOf(rootOf()).map((route, at) => {
  route.probe((request, response) => {
    if (request.headers['x-probe'] !== String(at)) return false;
    response.status(reached).end();
    return true;
  });
  return { ...route, at };
});

const tokens = new Map<string, string>();
for (const username of roles) {
  const body = JSON.stringify({
    client_id: 'node-red-editor',
    grant_type: 'password',
    scope: '',
    username,
    password,
  });
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${hub.url}/auth/token`, { method: 'POST', headers, body });
  tokens.set(username, ((await answer.json()) as { access_token: string }).access_token);
}

const answers: { route: string; says: Record<string, number | 'yes'> }[] = [];
for (const { method, path, at } of routes) {
  const says: Record<string, number | 'yes'> = {};
  for (const who of ['nobody', ...roles]) {
    const token = tokens.get(who);
    const writes = !['GET', 'HEAD', 'ALL'].includes(method);
    const { status } = await fetch(hub.url + addressOf(path), {
      method: method === 'ALL' ? 'GET' : method,
      redirect: 'manual',
      headers: {
        'x-probe': String(at),
        ...(token && { authorization: `Bearer ${token}` }),
        ...(writes && { 'content-type': 'application/json' }),
      },
      ...(writes && { body: JSON.stringify({ username: who }) }),
    });
    says[who] = status === reached ? 'yes' : status;
  }
  answers.push({ route: `${method} ${path}`, says });
}
writeFileSync(join(dataDir, 'answers.json'), JSON.stringify(answers));
await hub.stop();
process.exit(0);
