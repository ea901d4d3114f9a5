/** `crossdock lint`: what is wrong in the flow files, before they are deployed. */
import { join, relative, resolve } from 'node:path';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { findingText, lintFlows } from '../runtime/lint/lint.ts';
import { readDefinitions } from '../runtime/node-red/palette.ts';
import { root } from './start.ts';

/** All flows are read, as messages go from one to another; `only` names the files to tell of. False when there are errors. */
export async function lint(only: string[], json: boolean): Promise<boolean> {
  const dir = resolve(process.env['CROSSDOCK_FLOWS'] ?? join(root, 'flows'));
  const palette = await readDefinitions(join(root, 'nodes'));
  const outputs = new Map(palette.map(({ type, outputs }) => [type, outputs.map(({ name }) => name)]));
  const files = await readFiles(dir);
  const wanted = only.map((path) => relative(dir, resolve(path)));
  const unknown = wanted.find((path) => !files.has(path));
  if (unknown) throw new CodedError('CONFIG_INVALID', `${unknown} is no flow file of ${dir}`);
  const findings = lintFlows(files, (type) => outputs.get(type)).filter(
    ({ file }) => wanted.length === 0 || wanted.includes(file),
  );
  const text = findings.map((finding) => `${findingText(finding)}\n`).join('');
  process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : text || 'Nothing found\n');
  return findings.every(({ severity }) => severity !== 'error');
}
