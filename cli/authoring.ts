/** What commands and the editor share to cut and send releases of this working copy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { filesEnding } from '../runtime/definitions/read-yaml.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { codeOf } from '../runtime/errors/codes.ts';
import { openProject } from '../runtime/lint/project.ts';
import { runMappingTests } from '../runtime/map/test-file.ts';
import { openAuthor, type Author, type TestEvidence } from '../runtime/authoring/author.ts';
import type { DryRun, TestReport, Trial } from '../runtime/flow-test/trail.ts';
import { root, type Palette, type Places } from './project.ts';

export function authorOf(at: Places, { outputsOf, types }: Palette, env: NodeJS.ProcessEnv): Author {
  return openAuthor({
    ...at,
    facts: { outputsOf, writesOf: (type) => types.paletteType(type)?.writes },
    project: () => openProject(at.definitionsDir, types, env),
    test: () => evidence(at, env),
    env,
  });
}

async function evidence(at: Places, env: NodeJS.ProcessEnv): Promise<TestEvidence> {
  const [mappings, flows] = [await mappingTests(at.definitionsDir), await flowTests(at, env)];
  const failures = [...mappings.failures, ...flows.failures];
  return { passed: mappings.passed + flows.passed, failed: failures.length, failures };
}

/** Of one flow, and of the mappings whose names begin so. */
export async function testsOf(
  at: Places,
  env: NodeJS.ProcessEnv,
  flow: string,
  mappings: string,
): Promise<TestEvidence> {
  const [map, flows] = [await mappingTests(at.definitionsDir, mappings), await flowTests(at, env, [flow])];
  const failures = [...map.failures, ...flows.failures];
  return { passed: map.passed + flows.passed, failed: failures.length, failures };
}

async function mappingTests(
  definitionsDir: string,
  begin = '',
): Promise<Pick<TestEvidence, 'passed' | 'failures'>> {
  const all = filesEnding(join(definitionsDir, 'mappings'), '.test.yaml');
  const files = all.filter((file) => basename(file).startsWith(begin));
  const results = (await Promise.all(files.map(runMappingTests))).flat();
  const bad = results.filter((one) => !one.passed);
  const failures = bad.map((one) => `${one.case}: ${one.differences[0] ?? ''}`);
  return { passed: results.length - bad.length, failures };
}

/** Flow tests and dry runs for the pages of the workspace. */
export function trialOf(at: Pick<Places, 'flowsDir' | 'definitionsDir'>, env: NodeJS.ProcessEnv): Trial {
  return {
    test: (flow) => inChild<TestReport>(at, env, flow === undefined ? [] : [flow]),
    async dryRun(flow, given) {
      const dir = await mkdtemp(join(tmpdir(), 'crossdock-given-'));
      try {
        const file = join(dir, 'given.json');
        await writeFile(file, JSON.stringify(given), { mode: 0o600 });
        return await inChild<DryRun>(at, env, ['--given', file, flow]);
      } finally {
        await rm(dir, { recursive: true, force: true });
      }
    },
  };
}

/** In a process of their own: Node-RED starts once a process, and tests give it an environment of theirs. */
async function inChild<Report>(
  at: Pick<Places, 'flowsDir' | 'definitionsDir'>,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): Promise<Report> {
  const child = spawn(process.execPath, [join(root, 'cli/crossdock.js'), 'test', '--json', ...args], {
    env: { ...env, CROSSDOCK_FLOWS: at.flowsDir, CROSSDOCK_DEFINITIONS: at.definitionsDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, told] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (told += text));
  await once(child, 'close');
  const report = parsed<Report>(out);
  if (!report) throw failureIn(told.replaceAll(at.flowsDir, 'flows'));
  return report;
}

/** What a command that failed said: `CODE: message`. */
function failureIn(told: string): CodedError {
  const [, said, message = ''] = /^([A-Z][A-Z_]+): (.+)$/m.exec(told) ?? [];
  const code = codeOf(said);
  if (code) return new CodedError(code, message);
  return new CodedError('TEST_INVALID', `The flow tests could not run: ${told.split('\n')[0] ?? ''}`);
}

async function flowTests(
  at: Places,
  env: NodeJS.ProcessEnv,
  flows: readonly string[] = [],
): Promise<Pick<TestEvidence, 'passed' | 'failures'>> {
  const report = await inChild<TestReport>(at, env, flows);
  const bad = report.results.filter((one) => !one.passed);
  return {
    passed: report.passed,
    failures: bad.map(({ flow, test, differences }) => `${flow}: ${test}: ${differences[0] ?? ''}`),
  };
}

function parsed<Report>(text: string): Report | undefined {
  try {
    return JSON.parse(text) as Report;
  } catch {
    return undefined;
  }
}
