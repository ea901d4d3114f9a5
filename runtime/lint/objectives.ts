/** The objectives name teams, calendars and a process that there are, and figures that can be counted here. */
import { join } from 'node:path';
import { loadCalendars } from '../calendar/calendar.ts';
import { loadObjectives, objectivesFile, type Objective } from '../figures/objectives.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import { loadProcesses } from '../process/definition.ts';
import type { Finding } from './lint.ts';

export function lintObjectives(definitionsDir: string): Finding[] {
  const objectives = loadObjectives(definitionsDir);
  if (!objectives) return [];
  const { teams } = loadOwnership(definitionsDir);
  const calendars = loadCalendars(definitionsDir);
  const process = loadProcesses(definitionsDir).get(objectives.process);
  const finding = (node: string, message: string, more: Partial<Finding> = {}): Finding => ({
    code: 'OBJECTIVE_UNKNOWN',
    severity: 'error',
    file: join(definitionsDir, objectivesFile),
    line: 1,
    node,
    id: '',
    message,
    ...more,
  });
  const names = (all: Iterable<string>): string => [...all].join(', ') || 'none';
  const of = ({ indicator, owner, calendar, date }: Objective): Finding[] => [
    ...(teams.size > 0 && !teams.has(owner)
      ? [finding(indicator, `is owned by ${owner}, which is no team: ${names(teams.keys())}.`)]
      : []),
    ...(calendar && !calendars.has(calendar)
      ? [
          finding(
            indicator,
            `goes by the calendar ${calendar}, which there is not: ${names(calendars.keys())}.`,
          ),
        ]
      : []),
    ...(date === 'requested' && process && !/\brequested\b/.test(process.facts ?? '')
      ? [
          finding(
            indicator,
            `goes by the date the customer asked for, and the facts of ${process.process} have no "requested": it cannot be measured.`,
            { code: 'OBJECTIVE_UNMEASURED', severity: 'warning' },
          ),
        ]
      : []),
  ];
  const ofProcess = process
    ? []
    : [finding('process', `is ${objectives.process}, which there is not in definitions/processes.`)];
  return [...ofProcess, ...objectives.all.flatMap(of)];
}
