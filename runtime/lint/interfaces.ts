/** Rule: where the environment asks for it, a flow uses only interfaces that are approved; and what is wrong in the register itself. */
import { join } from 'node:path';
import type { FlowFiles, OutputsOf } from '../flow-file/format.ts';
import { deriveInterfaces } from '../interfaces/derive.ts';
import { interfacesFile, isApproved, loadInterfaces, type Entry } from '../interfaces/file.ts';
import { nodesOf } from '../interfaces/of-project.ts';
import { inUse } from '../interfaces/register.ts';
import { stateProblems, wentBack } from '../interfaces/states.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import type { FileSet } from '../flow-file/file-set.ts';
import { findingIn } from './finding.ts';
import type { Finding, Remark, Rule } from './rule.ts';
import type { Project } from './project.ts';

export const interfaces: Rule = ({ nodes }, project) => {
  const asks = project.environment.interfaces === 'approved';
  // Without entries nothing can be retired.
  if (!asks && project.interfaces.size === 0) return [];
  return inUse(nodes, project).flatMap(({ id, nodes: users }): Remark[] => {
    const entry = project.interfaces.get(id);
    const about = { id: users[0]!, severity: 'error' } as const;
    if (entry?.state === 'retired')
      return [
        {
          ...about,
          severity: 'warning',
          code: 'INTERFACE_RETIRED',
          message: `uses ${id}, which is retired.`,
        },
      ];
    if (!asks || isApproved(entry)) return [];
    const is = entry ? `only ${entry.state}` : 'not in definitions/interfaces.yaml';
    const where = `and ${project.environment.environment} asks for approved interfaces`;
    return [{ ...about, code: 'INTERFACE_UNAPPROVED', message: `uses ${id}, which is ${is}, ${where}.` }];
  });
};

/** The register beside the flows: what has no entry, what an entry is for, and whether its states are founded. */
export function lintInterfaces(files: FlowFiles, outputsOf: OutputsOf, project: Project): Finding[] {
  const { definitionsDir, interfaces: entries, environment } = project;
  // Without the file nothing is registered; an environment that asks for approval says so itself.
  if (entries.size === 0) return [];
  const finding = findingIn(join(definitionsDir, interfacesFile));
  const derived = deriveInterfaces(nodesOf(files, outputsOf), project);
  const known = new Set(derived.map(({ id }) => id));
  const severity = environment.interfaces === 'approved' ? 'error' : 'warning';
  const { teams } = loadOwnership(definitionsDir);
  const lacking = derived
    .filter(({ id, nodes }) => nodes.length > 0 && !entries.has(id))
    .map(({ id }) =>
      finding('INTERFACE_MISSING', id, 'has no entry: crossdock interfaces propose writes one.', severity),
    );
  const ofEntry = ([id, entry]: [string, Entry]): Finding[] => [
    ...(known.has(id) || entry.state === 'retired'
      ? []
      : [finding('INTERFACE_UNKNOWN', id, 'is no interface: no flow, event or partner makes it.', severity)]),
    ...(teams.size === 0 || teams.has(entry.owner)
      ? []
      : [
          finding(
            'INTERFACE_OWNER_UNKNOWN',
            id,
            `is owned by ${entry.owner}, which is no team of definitions/ownership.yaml.`,
          ),
        ]),
    ...stateProblems(entry).map(({ code, message, severity: how }) => finding(code, id, message, how)),
  ];
  return [...lacking, ...[...entries].flatMap(ofEntry)];
}

/** Since the last release no interface has gone back. */
export function lintInterfaceStates(before: FileSet, now: FileSet, definitionsDir: string): Finding[] {
  const of = (set: FileSet) => loadInterfaces(definitionsDir, set.get(`definitions/${interfacesFile}`) ?? '');
  return wentBack(of(before), of(now)).map(({ id, was, is }) =>
    findingIn(join(definitionsDir, interfacesFile))(
      'INTERFACE_STATE_BACK',
      id,
      `was ${was} in the last release and is ${is} now: no interface goes back.`,
    ),
  );
}
