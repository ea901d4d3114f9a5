/** Teams and calendars of definitions/alerts.yaml are there. */
import { join } from 'node:path';
import { loadAlerting } from '../alerts/file.ts';
import { loadCalendars } from '../calendar/calendar.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import type { Finding } from './lint.ts';

export function lintAlerts(definitionsDir: string): Finding[] {
  const alerting = loadAlerting(definitionsDir);
  const { teams } = loadOwnership(definitionsDir);
  const calendars = loadCalendars(definitionsDir);
  const finding = (node: string, message: string): Finding => ({
    code: 'ALERT_UNKNOWN',
    severity: 'error',
    file: join(definitionsDir, 'alerts.yaml'),
    line: 1,
    node,
    id: '',
    message,
  });
  return [...(alerting?.teams ?? [])].flatMap(([team, calendar]) => [
    ...(teams.has(team) ? [] : [finding(team, 'is no team of definitions/ownership.yaml.')]),
    ...(calendar === undefined || calendars.has(calendar)
      ? []
      : [finding(team, `has quiet hours by the calendar ${calendar}, which there is not.`)]),
  ]);
}
