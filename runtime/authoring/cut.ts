/** Cuts a release from the working copy: checked, tested, described by what changed, and signed. */
import type { KeyObject } from 'node:crypto';
import { bumped, bumpOf, changeText, type Change } from '../diff/change.ts';
import { diffSets, type NodeFacts } from '../diff/diff.ts';
import { CodedError } from '../errors/coded-error.ts';
import { readFlowFiles } from '../flow-file/read.ts';
import { unapproved } from '../interfaces/register.ts';
import { lintFlows } from '../lint/lint.ts';
import type { Finding } from '../lint/rule.ts';
import { lintDefinitions } from '../lint/definitions.ts';
import { lintInterfaces, lintInterfaceStates } from '../lint/interfaces.ts';
import { namesNeeded } from '../lint/names.ts';
import { lintPromises } from '../lint/promises.ts';
import type { Project } from '../lint/project.ts';
import { sealBundle, setOf, type Bundle } from '../release/bundle.ts';
import { flowFilesOf, readFileSet, type FileSet } from '../flow-file/file-set.ts';
import type { Succession } from '../release/succession.ts';
import { compareVersions } from '../promotion/promotion.ts';
import { latestRelease, writeRelease } from '../release/releases.ts';

export interface CutOptions {
  flowsDir: string;
  definitionsDir: string;
  releasesDir: string;
  facts: NodeFacts;
  project: Project;
  key: KeyObject;
  /** Of the key. */
  succession?: readonly Succession[];
  /** Who cuts it. */
  by: string;
  /** Default: proposed from what changed. */
  version?: string | undefined;
  note?: string | undefined;
  now: Date;
  /** Runs the flow tests of the working copy. */
  test(): Promise<{ passed: number; failed: number }>;
}

export interface Proposal {
  version: string;
  changes: Change[];
  findings: Finding[];
  previous?: Bundle;
  set: FileSet;
}

/** What the next release would be. */
export async function proposal(options: Omit<CutOptions, 'key' | 'by' | 'now' | 'test'>): Promise<Proposal> {
  const { flowsDir, definitionsDir, releasesDir, facts, project, version } = options;
  const set = await readFileSet(flowsDir, definitionsDir);
  const findings = [
    ...lintFlows(flowFilesOf(set), facts.outputsOf, project),
    ...lintDefinitions(definitionsDir),
    ...lintInterfaces(flowFilesOf(set), facts.outputsOf, project),
  ];
  const previous = await latestRelease(releasesDir);
  if (!previous) return { version: version ?? '1.0.0', changes: [], findings, set };
  const changes = diffSets(setOf(previous), set, facts);
  findings.push(
    ...lintPromises(setOf(previous), set),
    ...lintInterfaceStates(setOf(previous), set, definitionsDir),
  );
  const next = version ?? bumped(previous.manifest.version, bumpOf(changes));
  return { version: next, changes, findings, previous, set };
}

/**
 * Throws CodedError RELEASE_REFUSED (errors of the linter, failing tests), RELEASE_UNCHANGED, RELEASE_EXISTS, or
 * CONFIG_INVALID for a version that is not above the last one.
 */
export async function cutRelease(options: CutOptions): Promise<Bundle> {
  const { releasesDir, facts, project, key, by, note, now } = options;
  const { version, changes, findings, previous, set } = await proposal(options);
  if (previous && sameFiles(set, setOf(previous)))
    throw new CodedError(
      'RELEASE_UNCHANGED',
      `Nothing has changed since release ${previous.manifest.version}`,
    );
  if (
    !/^\d+\.\d+\.\d+$/.test(version) ||
    (previous && compareVersions(version, previous.manifest.version) <= 0)
  )
    throw new CodedError(
      'CONFIG_INVALID',
      `${version} is no version above ${previous?.manifest.version ?? '0.0.0'}`,
    );
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw refused(`the linter finds ${errors.length} errors, the first in ${where(errors[0])}`);
  const { passed, failed } = await options.test();
  if (failed > 0) throw refused(`${failed} tests fail`);
  const nodes = readFlowFiles(flowFilesOf(set), facts.outputsOf).flatMap((file) => file.nodes);
  const bundle = sealBundle(
    {
      name: 'crossdock',
      version,
      created: now.toISOString(),
      author: by,
      changelog: [...(note ? [note] : []), ...(previous ? changes.map(changeText) : ['first release'])],
      ...(previous && { previous: previous.digest }),
      names: namesNeeded(nodes, project),
      types: [...new Set(nodes.map(({ type }) => type))]
        .filter((type) => !['tab', 'subflow', 'group'].includes(type) && !type.startsWith('subflow:'))
        .toSorted(),
      unapproved: unapproved(nodes, project, project.interfaces),
      evidence: { lint: { errors: 0, warnings: findings.length }, tests: { passed, failed } },
    },
    set,
    key,
    options.succession,
  );
  await writeRelease(releasesDir, bundle);
  return bundle;
}

function sameFiles(a: FileSet, b: FileSet): boolean {
  return a.size === b.size && [...a].every(([path, text]) => b.get(path) === text);
}

function refused(why: string): CodedError {
  return new CodedError('RELEASE_REFUSED', `Nothing was cut: ${why}`);
}

function where(finding: Finding | undefined): string {
  return finding ? `${finding.file}:${finding.line} (${finding.code})` : '';
}
