/** Switches the running hub to a release, in place, and reads back what runs node by node and wire by wire. */
import { isDeepStrictEqual } from 'node:util';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import RED from 'node-red';
import { hasValue } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';
import { textOf, unlessAbsent, writeDurably } from '../files/durable.ts';
import type { FlowNode, OutputsOf } from '../flow-file/format.ts';
import { inUse } from '../flow-file/in-use.ts';
import { parseFlows } from '../flow-file/read.ts';
import type { Hub } from '../hub/hub.ts';
import { readDefinitions } from '../hub/definitions.ts';
import { lintFlows } from '../lint/lint.ts';
import type { Finding } from '../lint/rule.ts';
import { refuseUnapproved } from '../release/unapproved.ts';
import type { Project } from '../lint/project.ts';
import { setOf } from '../release/bundle.ts';
import type { Content, Runs } from '../release/fleet.ts';
import { flowFilesOf } from '../flow-file/file-set.ts';
import type { Switcher } from '../release/switcher.ts';
import type { Deploys } from './deploys.ts';

/** Where the hub reads its flows and definitions. */
export interface ProjectDirs {
  flowsDir: string;
  definitionsDir: string;
}

export interface SwitcherOptions {
  hub: Hub;
  deploys: Deploys;
  dataDir: string;
  outputsOf: OutputsOf;
  /** The linter's view of a release's definitions in this environment. */
  project(definitionsDir: string): Project;
  /** The working copy. */
  own: ProjectDirs;
  /** From the next load of the flows on. */
  move(dirs: ProjectDirs): void;
  /** What ran at the start; undefined: the own folders. */
  released(): Content | undefined;
  env: NodeJS.ProcessEnv;
}

interface Instance extends FlowNode {
  running?: unknown;
}

const runtime = RED as unknown as {
  runtime: { flows: { setFlows(how: object): Promise<unknown> } };
  nodes: { getFlows(): { flows: FlowNode[] }; getNode(id: string): Instance | null };
};

export function releaseSwitcher(options: SwitcherOptions): Switcher {
  const { hub, deploys, dataDir, outputsOf, own, move, env, project } = options;
  let now = runsOf(options.released());
  return {
    check(bundle) {
      const { names, types, unapproved = [] } = bundle.manifest;
      const view = project(own.definitionsDir);
      const missing = names.filter((name) => !hasValue(view.environment, env, name));
      if (missing.length > 0) throw incomplete(`no value for ${missing.join(', ')}`);
      const unknown = types.filter((type) => !view.exists(type));
      if (unknown.length > 0) throw incomplete(`no node type ${unknown.join(', ')}`);
      refuseUnapproved(view.environment, unapproved);
    },

    async run(content, known) {
      const dirs = content ? await unpack(content, dataDir) : own;
      // A working copy runs where it was made, whatever the linter says.
      if (content && !known)
        refuseFindings(lintFlows(flowFilesOf(setOf(content)), outputsOf, project(dirs.definitionsDir)));
      // A broken one throws here, while the running flows go on.
      readDefinitions(dirs.definitionsDir);
      move(dirs);
      await reloadFlows(deploys);
      const [first] = content ? differences(content, outputsOf).filter((one) => !known?.includes(one)) : [];
      if (first) throw new CodedError('READBACK_FAILED', `What runs is not what was released: ${first}`);
      await hub.ready();
      now = runsOf(content);
      await forgetUnpacked(dataDir, dirs);
    },

    differences: (content) => differences(content, outputsOf),
    runs: () => now,
  };
}

function runsOf(content: Content | undefined): Runs {
  const { digest, manifest } = content ?? {};
  return {
    ...(digest !== undefined && { digest }),
    ...(manifest && { version: manifest.version }),
    since: new Date().toISOString(),
  };
}

/** As "Restart Flows" does. Throws what the storage throws; the running flows go on then. */
export async function reloadFlows(deploys: Deploys): Promise<void> {
  await runtime.runtime.flows.setFlows({ deploymentType: 'reload', user: null, flows: {} });
  await deploys.started();
}

/** The folder of this release, written anew where a file of it is missing or was changed. */
export async function unpack(content: Content, dataDir: string): Promise<ProjectDirs> {
  const dir = join(dataDir, 'releases', content.digest.replace('sha256:', '').replace(':', '-'));
  const files = [...setOf(content)];
  const kept = await Promise.all(files.map(async ([path, text]) => (await textOf(join(dir, path))) === text));
  if (!kept.every(Boolean)) {
    await rm(dir, { recursive: true, force: true });
    for (const [path, text] of files) await writeDurably(join(dir, path), text);
  }
  return { flowsDir: join(dir, 'flows'), definitionsDir: join(dir, 'definitions') };
}

/** Working copies that do not run any more. */
async function forgetUnpacked(dataDir: string, { flowsDir }: ProjectDirs): Promise<void> {
  const folder = join(dataDir, 'releases');
  for (const name of (await readdir(folder).catch(unlessAbsent)) ?? [])
    if (name.startsWith('working-') && !flowsDir.startsWith(join(folder, name)))
      await rm(join(folder, name), { recursive: true, force: true });
}

function differences(content: Content, outputsOf: OutputsOf): string[] {
  const expected = parseFlows(flowFilesOf(setOf(content)), outputsOf);
  const active = new Map(runtime.nodes.getFlows().flows.map((node) => [node.id, node]));
  const known = new Set(expected.map(({ id }) => id));
  const used = new Set(inUse(expected).map(({ id }) => id));
  const inside = new Set(expected.filter(({ type }) => type === 'subflow').map(({ id }) => id));
  return [
    ...[...active.keys()]
      .filter((id) => !known.has(id))
      .map((id) => `${titleOf(active.get(id)!)} is not in the release`),
    ...expected.flatMap((node) => {
      const is = active.get(node.id);
      if (!is) return [`${titleOf(node)} is not there`];
      if (!isDeepStrictEqual(plain(is), plain(node))) return [`${titleOf(node)} has other settings or wires`];
      const idle = !used.has(node.id) || inside.has(String(node.z)) || !runs(node.type);
      return idle ? [] : instanceDifferences(node);
    }),
  ];
}

function instanceDifferences(node: FlowNode): string[] {
  const instance = runtime.nodes.getNode(node.id);
  if (!instance) return [`${titleOf(node)} does not run`];
  if (instance.type !== node.type) return [`${titleOf(node)} runs as a ${instance.type}`];
  if (node.wires !== undefined && !isDeepStrictEqual(instance.wires, node.wires))
    return [`${titleOf(node)} is wired otherwise`];
  // A node of the palette that could not start says so in its status, and takes no message.
  if ('running' in instance && instance.running === undefined) return [`${titleOf(node)} could not start`];
  return [];
}

function runs(type: string): boolean {
  return !['tab', 'subflow', 'group', 'comment'].includes(type) && !type.startsWith('subflow:');
}

function titleOf({ id, name, label, type }: FlowNode): string {
  return `"${String(name || label || id)}" (${type})`;
}

function plain(node: FlowNode): unknown {
  const { credentials: _credentials, ...rest } = JSON.parse(JSON.stringify(node)) as FlowNode;
  return rest;
}

function refuseFindings(findings: readonly Finding[]): void {
  const first = findings.find(({ severity }) => severity === 'error');
  if (!first) return;
  const { file, line, node, message, code } = first;
  throw incomplete(`${file}:${line}: "${node}" ${message} (${code})`);
}

function incomplete(what: string): CodedError {
  return new CodedError('ENVIRONMENT_INCOMPLETE', `It cannot run here: ${what}`);
}
