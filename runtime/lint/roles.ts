/** No role of definitions/roles.yaml, and no user, holds what must not meet in one person, and its environments are there. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadEnvironments } from '../environments/environment.ts';
import { allowed, loadRoles, meeting } from '../roles/roles.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';

export function lintRoles(definitionsDir: string): Finding[] {
  const file = join(definitionsDir, 'roles.yaml');
  if (!existsSync(file)) return [];
  const roles = loadRoles(definitionsDir);
  const environments = new Set(loadEnvironments(join(definitionsDir, 'environments')).keys());
  const finding = findingIn(file);
  return [...roles.roles].flatMap(([name, { permissions, in: places = [] }]) => [
    ...meeting(roles, permissions).map((duty) =>
      finding('DUTIES_MEET', name, `holds both sides of the rule ${duty.name}: ${duty.summary}`),
    ),
    ...places
      .filter((place) => !environments.has(place))
      .map((place) =>
        finding('ROLE_PLACE_UNKNOWN', name, `holds in the environment ${place}, which there is not.`),
      ),
  ]);
}

/** Of the users of a hub, where this machine has its data. */
export function lintUsers(dataDir: string, definitionsDir: string): Finding[] {
  const file = join(dataDir, 'users.json');
  if (!existsSync(file)) return [];
  const roles = loadRoles(definitionsDir);
  const users = JSON.parse(readFileSync(file, 'utf8')) as Record<string, { role: string | string[] }>;
  const finding = findingIn(file);
  return Object.entries(users).flatMap(([name, { role }]) => {
    const theirs = [role].flat();
    const unknown = theirs.filter((one) => roles.named(one) === undefined);
    // Wherever each of them holds: nobody is given such roles either.
    const meet = meeting(roles, allowed(roles, theirs));
    return [
      ...unknown.map((one) => finding('ROLE_UNKNOWN', name, `has the role ${one}, which there is not.`)),
      ...meet.map(({ name: duty }) =>
        finding('DUTIES_MEET', name, `holds both sides of the rule ${duty}: has neither.`),
      ),
    ];
  });
}
