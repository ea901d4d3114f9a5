/** What a hub runs: the working copy, or the release that was promoted to it; and how it follows changes of either. */
import { join } from 'node:path';
import { readFiles } from '../flow-file/disk.ts';
import type { FlowFiles, OutputsOf } from '../flow-file/format.ts';
import { readFlowFiles, type FlowFile } from '../flow-file/read.ts';
import { ownEnvironment, type Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';
import type { Hub } from '../hub/hub.ts';
import { readDefinitions } from '../hub/definitions.ts';
import type { Log } from '../log/log.ts';
import type { Documents } from '../journal/documents.ts';
import { lintFlows, logFindings, refuseErrors } from '../lint/lint.ts';
import type { Finding } from '../lint/rule.ts';
import { lintSamples } from '../lint/samples.ts';
import { openProject, type NodeTypes, type Project } from '../lint/project.ts';
import { followByHand, type ByHand } from '../node-red/by-hand.ts';
import type { Deploys } from '../node-red/deploys.ts';
import type { StorageOptions } from '../node-red/storage.ts';
import { reloadFlows, unpack, type ProjectDirs } from '../node-red/switcher.ts';
import type { Edit } from '../authoring/author.ts';
import { contentOf, current, decided, type Content } from '../release/fleet.ts';

export interface ActiveSourceOptions {
  own: ProjectDirs;
  dataDir: string;
  environment: Environment;
  outputsOf: OutputsOf;
  types: NodeTypes;
  env: NodeJS.ProcessEnv;
  log: Log;
  worker: boolean;
}

export interface ActiveSource {
  own: ProjectDirs;
  now(): ProjectDirs;
  move(to: ProjectDirs): void;
  /** Takes the release that was promoted, a worker also the working copy of its hub. Resolves with the folder of its definitions. */
  settle(documents: Documents): Promise<string>;
  released(): Content | undefined;
  project(definitionsDir: string): Project;
  /** What the linter finds in these files, by the definitions that run or those of another folder. */
  findings(files: FlowFiles, definitionsDir?: string): Finding[];
  /** Notes who has changed these files, such as `flows/order-capture.yaml`. */
  noted(paths: readonly string[], by: string): Promise<void>;
  /** The last change of each flow. */
  edits(): Promise<Edit[]>;
  /** What the storage calls. */
  storage(
    hub: Hub,
    deploys: Deploys,
  ): Pick<StorageOptions, 'flowsDir' | 'check' | 'loaded' | 'saved' | 'beforeDeploy'>;
  /** Whether flows and definitions are changed in their files here: the working copy runs, and its changes are followed. */
  authored(): boolean;
  /** Runs the files of the working copy as they are now. Throws why they cannot run. */
  take(): Promise<void>;
  /** The flows that run, as their files say. Throws CodedError FLOW_FILE_INVALID. */
  flows(): Promise<FlowFile[]>;
  /** Follows changes of the working copy's files from now on. Returns the function that ends that. */
  followByHand(deploys: Deploys): Promise<() => void>;
}

export function activeSource(options: ActiveSourceOptions): ActiveSource {
  const { own, dataDir, environment, outputsOf, log, worker } = options;
  let dirs = own;
  let released: Content | undefined;
  let byHand: ByHand | undefined;
  let kept: Documents | undefined;
  /** True when the definitions were changed in their files. */
  let stale = false;
  const { project, findings, refuse } = linting(options, () => dirs.definitionsDir);

  return {
    own,
    now: () => dirs,
    move: (to) => void (dirs = to),
    async settle(documents) {
      kept = documents;
      const digest = await (worker
        ? current(documents, environment.production ?? false)
        : decided(documents));
      released = digest === undefined ? undefined : await contentOf(documents, digest);
      if (released) dirs = await unpack(released, dataDir);
      return dirs.definitionsDir;
    },
    released: () => released,
    project,
    findings,
    edits: async () => (await kept?.list('edit'))?.map(({ body }) => JSON.parse(body) as Edit) ?? [],
    storage: (hub, deploys) => ({
      flowsDir: () => dirs.flowsDir,
      check(flows, files) {
        if (dirs !== own)
          throw new CodedError(
            'RELEASE_RUNNING',
            'This hub runs a release: change flows where they are made',
          );
        refuse(files);
        deploys.check(flows);
      },
      loaded: (files) => {
        if (log.isLevelEnabled('warn')) logFindings(findings(files), log);
      },
      async saved(changed, by) {
        await byHand?.seen();
        await noteEdits(kept, changed, by);
      },
      async beforeDeploy() {
        await deploys.begin();
        if (!stale && hub.definitionsDir === dirs.definitionsDir) return;
        Object.assign(hub, readDefinitions(dirs.definitionsDir));
        stale = false;
      },
    }),
    authored: () => byHand !== undefined && dirs === own,
    take: async () => byHand?.take(),
    noted: (paths, by) =>
      noteEdits(
        kept,
        paths.map((path) => path.replace(/^flows\//, '')),
        by,
      ),
    flows: async () => readFlowFiles(await readFiles(dirs.flowsDir), outputsOf),
    async followByHand(deploys) {
      byHand = await followByHand({
        dirs: own,
        changed: (paths) => noteEdits(kept, paths, 'a person, in the file'),
        active: () => dirs === own,
        async check() {
          readDefinitions(own.definitionsDir);
          refuse(await readFiles(own.flowsDir));
        },
        async reload() {
          stale = true;
          await reloadFlows(deploys);
        },
        log,
      });
      return () => byHand?.stop();
    },
  };
}

/** How the linter sees flow files by the definitions of a folder, usually those that run. */
function linting({ own, outputsOf, types, env }: ActiveSourceOptions, running: () => string) {
  /** The environment, with names that were added to its file since the hub began. */
  const listed = (): Environment => ownEnvironment(join(own.definitionsDir, 'environments'), env);
  const project = (dir: string): Project => openProject(dir, types, env, listed());
  return {
    project,
    findings(files: FlowFiles, dir = running()): Finding[] {
      const known = project(dir);
      return [...lintFlows(files, outputsOf, known), ...lintSamples(files, outputsOf, known)];
    },
    /** Throws for errors of the linter; findings in samples are only warnings. */
    refuse: (files: FlowFiles): void => refuseErrors(lintFlows(files, outputsOf, project(running()))),
  };
}

async function noteEdits(
  documents: Documents | undefined,
  paths: readonly string[],
  by: string,
): Promise<void> {
  for (const path of paths) {
    const flow = path.replace(/\.(yaml|json)$/, '');
    const edit: Edit = { flow, by, at: new Date().toISOString() };
    await documents?.put('edit', flow, JSON.stringify(edit));
  }
}
