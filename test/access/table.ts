/** docs/operators/access.md: what each route answers each role, asked of a running hub. `node test/access/table.ts` writes it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { loadRoles } from '../../runtime/roles/roles.ts';
import { openBy } from './addresses.ts';

export interface Answered {
  route: string;
  /** By role, and `nobody`: `yes` where it would have been done, else the status. */
  says: Record<string, number | 'yes'>;
}

export const tableFile = 'docs/operators/access.md';

export async function askAll(): Promise<Answered[]> {
  const dir = mkdtempSync(join(tmpdir(), 'crossdock-access-'));
  try {
    const env = { ...process.env, CROSSDOCK_LOG_LEVEL: 'error', CROSSDOCK_HOST: '127.0.0.1' };
    const args = ['test/access/child.ts', dir, ...loadRoles().roles.keys()];
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const [code] = (await once(child, 'exit')) as [number];
    if (code !== 0) throw new Error(`The hub ended with ${code}: ${said.slice(-2000)}`);
    return JSON.parse(readFileSync(join(dir, 'answers.json'), 'utf8')) as Answered[];
  } finally {
    rmSync(dir, { recursive: true });
  }
}

export async function tableOf(answers: readonly Answered[]): Promise<string> {
  const who = Object.keys(answers[0]?.says ?? {});
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const lines = answers.map(({ route, says }) =>
    row([
      `\`${route.replaceAll('|', '\\|')}\``,
      ...who.map((one) => says[one]!),
      says['nobody'] === 401 ? '' : (openBy(route) ?? '**not named**'),
    ]),
  );
  const text = `# Which role may call what

Made by \`node test/access/table.ts\`, which asks every route of a running hub as each role; not written by hand. A test asks again,
and fails where an answer differs from this page. \`yes\`: it is done; 401: no login, or Node-RED's own refusal of the role; 403: the
role has no permission. An expression stands as it is in the code. \`(…)\` is what answers whatever the method. Webhooks below \`/hooks\`
carry a signature instead of a login; the editor's websocket \`/comms\` takes the login as its first message.

${row(['route', ...who, 'open, because it'])}
${row(['---', ...who.map(() => '---'), '---'])}
${lines.join('\n')}
`;
  return format(text, { parser: 'markdown' });
}

if (process.argv[1] === import.meta.filename) writeFileSync(tableFile, await tableOf(await askAll()));
