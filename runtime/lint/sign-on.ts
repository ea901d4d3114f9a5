/** Roles and teams of definitions/sign-on.yaml are there, and no grant stands behind one of the same value. */
import { join } from 'node:path';
import { loadOwnership } from '../ownership/ownership.ts';
import { loadRoles } from '../roles/roles.ts';
import { loadRules, signOnFile } from '../sign-on/grants.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';

export function lintSignOn(definitionsDir: string): Finding[] {
  const { grants = [] } = loadRules(definitionsDir) ?? {};
  const { teams } = loadOwnership(definitionsDir);
  const roles = loadRoles(definitionsDir);
  const finding = findingIn(join(definitionsDir, signOnFile));
  return grants.flatMap(({ value, role, teams: of = [] }, at) => [
    ...(roles.named(role) !== undefined
      ? []
      : [
          finding(
            'GRANT_UNKNOWN',
            value,
            `gives the role ${role}, which is none of ${[...roles.roles.keys()].join(', ')}.`,
          ),
        ]),
    ...of
      .filter((team) => teams.size > 0 && !teams.has(team))
      .map((team) =>
        finding(
          'GRANT_UNKNOWN',
          value,
          `gives the team ${team}, which is none of definitions/ownership.yaml.`,
        ),
      ),
    ...(grants.slice(0, at).some((one) => one.value === value)
      ? [finding('GRANT_UNKNOWN', value, 'has a grant further up: only the teams of this one count.')]
      : []),
  ]);
}
