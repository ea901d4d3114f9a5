/** `crossdock lint`: what is wrong in the flow files, before they are deployed. */
import { join, relative, resolve } from 'node:path';
import { environmentNamed } from '../runtime/environments/environment.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { findingText, lintFlows } from '../runtime/lint/lint.ts';
import { lintDefinitions } from '../runtime/lint/definitions.ts';
import { lintInterfaces } from '../runtime/lint/interfaces.ts';
import { openProject } from '../runtime/lint/project.ts';
import { lintUsers } from '../runtime/lint/roles.ts';
import { lintSamples } from '../runtime/lint/samples.ts';
import { definitionsFolder, flowsFolder, palette, places } from '../runtime/app/project.ts';

export interface LintOptions {
  json: boolean;
  /** Name of the environment. Default: CROSSDOCK_ENVIRONMENT, else `dev`. */
  environment?: string | undefined;
}

/** Lints all flows, as messages go from one to another; `only` names the files whose findings are shown. False when there are errors. */
export async function lint(only: string[], { json, environment }: LintOptions): Promise<boolean> {
  const { dataDir, flowsDir, definitionsDir } = places();
  flowsFolder(flowsDir);
  definitionsFolder(definitionsDir);
  const { outputsOf, types } = await palette();
  const files = await readFiles(flowsDir);
  const wanted = only.map((path) => relative(flowsDir, resolve(path)));
  const unknown = wanted.find((path) => !files.has(path));
  if (unknown) throw new CodedError('CONFIG_INVALID', `${unknown} is no flow file of ${flowsDir}`);
  const named =
    environment === undefined
      ? undefined
      : environmentNamed(join(definitionsDir, 'environments'), environment);
  const project = openProject(definitionsDir, types, process.env, named);
  const ofFlows = lintFlows(files, outputsOf, project).filter(
    ({ file }) => wanted.length === 0 || wanted.includes(file),
  );
  const ofFiles = () => [
    ...lintDefinitions(definitionsDir),
    ...lintUsers(dataDir, definitionsDir),
    ...lintInterfaces(files, outputsOf, project),
    ...lintSamples(files, outputsOf, project),
  ];
  const findings = wanted.length === 0 ? [...ofFlows, ...ofFiles()] : ofFlows;
  const text = findings.map((finding) => `${findingText(finding)}\n`).join('');
  process.stdout.write(json ? `${JSON.stringify(findings, null, 2)}\n` : text || 'Nothing found\n');
  return findings.every(({ severity }) => severity !== 'error');
}
