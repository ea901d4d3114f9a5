/** The objectives name teams, calendars and a process that there are, and figures that can be counted here. */
import { join } from 'node:path';
import { loadCalendars } from '../calendar/calendar.ts';
import { loadObjectives, objectivesFile, type Objective } from '../figures/objectives.ts';
import { loadOwnership } from '../ownership/ownership.ts';
import { loadProcesses } from '../process/definition.ts';
import { findingIn } from './finding.ts';
import type { Finding } from './rule.ts';

export function lintObjectives(definitionsDir: string): Finding[] {
  const objectives = loadObjectives(definitionsDir);
  if (!objectives) return [];
  const { teams } = loadOwnership(definitionsDir);
  const calendars = loadCalendars(definitionsDir);
  const process = loadProcesses(definitionsDir).get(objectives.process);
  const finding = findingIn(join(definitionsDir, objectivesFile));
  const names = (all: Iterable<string>): string => [...all].join(', ') || 'none';
  const of = ({ indicator, owner, calendar, date }: Objective): Finding[] => [
    ...(teams.size > 0 && !teams.has(owner)
      ? [
          finding(
            'OBJECTIVE_UNKNOWN',
            indicator,
            `is owned by ${owner}, which is no team: ${names(teams.keys())}.`,
          ),
        ]
      : []),
    ...(calendar && !calendars.has(calendar)
      ? [
          finding(
            'OBJECTIVE_UNKNOWN',
            indicator,
            `goes by the calendar ${calendar}, which there is not: ${names(calendars.keys())}.`,
          ),
        ]
      : []),
    ...(date === 'requested' && process && !/\brequested\b/.test(process.facts ?? '')
      ? [
          finding(
            'OBJECTIVE_UNMEASURED',
            indicator,
            `goes by the date the customer asked for, and the facts of ${process.process} have no "requested": it cannot be measured.`,
            'warning',
          ),
        ]
      : []),
  ];
  const ofProcess = process
    ? []
    : [
        finding(
          'OBJECTIVE_UNKNOWN',
          'process',
          `is ${objectives.process}, which there is not in definitions/processes.`,
        ),
      ];
  return [...ofProcess, ...objectives.all.flatMap(of)];
}
