/** What is wrong in definitions that no flow names: teams, tolerances, objectives, alerts, roles, grants. */
import { lintAlerts } from './alerts.ts';
import type { Finding } from './rule.ts';
import { lintObjectives } from './objectives.ts';
import { lintOwnership } from './ownership.ts';
import { lintReconciliation } from './reconciliation.ts';
import { lintRoles } from './roles.ts';
import { lintSignOn } from './sign-on.ts';

export function lintDefinitions(definitionsDir: string): Finding[] {
  return [lintOwnership, lintReconciliation, lintObjectives, lintAlerts, lintRoles, lintSignOn].flatMap(
    (of) => of(definitionsDir),
  );
}
