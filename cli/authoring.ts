/** What commands and the editor share to cut and send releases of this working copy. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { filesEnding } from '../runtime/definitions/read-yaml.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openProject } from '../runtime/lint/project.ts';
import { runMappingTests } from '../runtime/map/test-file.ts';
import { openAuthor, type Author, type TestEvidence } from '../runtime/release/author.ts';
import { root, type Palette, type Places } from './project.ts';
import type { TestReport } from './test.ts';

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

async function mappingTests(definitionsDir: string): Promise<Pick<TestEvidence, 'passed' | 'failures'>> {
  const files = filesEnding(join(definitionsDir, 'mappings'), '.test.yaml');
  const results = (await Promise.all(files.map(runMappingTests))).flat();
  const bad = results.filter((one) => !one.passed);
  const failures = bad.map((one) => `${one.case}: ${one.differences[0] ?? ''}`);
  return { passed: results.length - bad.length, failures };
}

/** In a process of their own: Node-RED starts once a process, and tests give it an environment of theirs. */
async function flowTests(
  at: Places,
  env: NodeJS.ProcessEnv,
): Promise<Pick<TestEvidence, 'passed' | 'failures'>> {
  const child = spawn(process.execPath, [join(root, 'cli/crossdock.js'), 'test', '--json'], {
    env: { ...env, CROSSDOCK_FLOWS: at.flowsDir, CROSSDOCK_DEFINITIONS: at.definitionsDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, told] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  await once(child, 'close');
  const report = parsed(out);
  if (!report)
    throw new CodedError('TEST_INVALID', `The flow tests could not run: ${told.split('\n')[0] ?? ''}`);
  const bad = report.results.filter((one) => !one.passed);
  return {
    passed: report.passed,
    failures: bad.map(({ flow, test, differences }) => `${flow}: ${test}: ${differences[0] ?? ''}`),
  };
}

function parsed(text: string): TestReport | undefined {
  try {
    return JSON.parse(text) as TestReport;
  } catch {
    return undefined;
  }
}
