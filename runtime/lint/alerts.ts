/** Teams and calendars of definitions/alerts.yaml are there. */
import { join } from 'node:path';
import { loadAlerting } from '../alerts/file.ts';
import { loadCalendars } from '../calendar/calendar.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';

export function lintAlerts(definitionsDir: string): Finding[] {
  const alerting = loadAlerting(definitionsDir);
  const { teams } = loadOwnership(definitionsDir);
  const calendars = loadCalendars(definitionsDir);
  const finding = findingIn(join(definitionsDir, 'alerts.yaml'));
  return [...(alerting?.teams ?? [])].flatMap(([team, calendar]) => [
    ...(teams.has(team) ? [] : [finding('ALERT_UNKNOWN', team, 'is no team of definitions/ownership.yaml.')]),
    ...(calendar === undefined || calendars.has(calendar)
      ? []
      : [finding('ALERT_UNKNOWN', team, `has quiet hours by the calendar ${calendar}, which there is not.`)]),
  ]);
}
