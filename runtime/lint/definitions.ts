/** What is wrong in definitions that no flow names: teams, tolerances, objectives, alerts, roles. */
import { lintAlerts } from './alerts.ts';
import type { Finding } from './lint.ts';
import { lintObjectives } from './objectives.ts';
import { lintOwnership } from './ownership.ts';
import { lintReconciliation } from './reconciliation.ts';
import { lintRoles } from './roles.ts';

export function lintDefinitions(definitionsDir: string): Finding[] {
  return [lintOwnership, lintReconciliation, lintObjectives, lintAlerts, lintRoles].flatMap((of) =>
    of(definitionsDir),
  );
}
