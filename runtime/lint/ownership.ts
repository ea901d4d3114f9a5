/** Every error code, and everybody whom a process asks, finds a team. */
import { join } from 'node:path';
import { codes } from '../errors/codes.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import { loadProcesses, type ProcessDefinition } from '../process/definition.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';

export function lintOwnership(definitionsDir: string): Finding[] {
  const ownership = loadOwnership(definitionsDir);
  // Without the file there are no teams.
  if (ownership.teams.size === 0) return [];
  const finding = findingIn(join(definitionsDir, 'ownership.yaml'));
  const ofCodes = Object.keys(codes)
    .filter((code) => !ownership.find({ code }))
    .map((code) => finding('TEAM_MISSING', code, 'is the code of no rule, so no team would see it.'));
  const asked = [...loadProcesses(definitionsDir).values()].flatMap(askedBy);
  const ofProcesses = asked
    .filter((one) => !ownership.find(one))
    .map(({ flow, asked }) =>
      finding('TEAM_MISSING', asked, `is asked by the process ${flow}, and no rule says which team that is.`),
    );
  return [...ofCodes, ...ofProcesses];
}

/** Whom a process may ask, and about what. */
function askedBy({ process: flow, owner, steps, holds = {} }: ProcessDefinition) {
  const ofSteps = Object.entries(steps).flatMap(([step, { late, failed }]) => [
    { flow, step, code: 'STEP_LATE', asked: late?.to ?? owner },
    { flow, step, code: 'STEP_FAILED', asked: failed?.to ?? owner },
    { flow, step, code: 'STEP_TO_UNDO', asked: owner },
  ]);
  const ofHolds = Object.values(holds).map(({ to }) => ({
    flow,
    step: 'hold',
    code: 'PROCESS_HELD',
    asked: to,
  }));
  const ofFile = { flow, step: 'process', code: 'PROCESS_BROKEN', asked: owner };
  return [...ofSteps, ...ofHolds, ofFile];
}
