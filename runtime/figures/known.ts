/** What figures know beside the store: the objectives, the calendars, and which processes there are. */
import { basename, join } from 'node:path';
import { loadCalendars } from '../calendar/calendar.ts';
import { filesEnding } from '../definitions/read-yaml.ts';
import type { Known } from './figures.ts';
import { loadObjectives, type Objectives } from './objectives.ts';

const none: Objectives = { process: '', enough: 1, all: [] };

/** Without a file of objectives there are none. Throws CodedError CONFIG_INVALID. */
export function readKnown(definitionsDir: string): Known {
  return {
    objectives: loadObjectives(definitionsDir) ?? none,
    calendars: loadCalendars(definitionsDir),
    processes: new Set(
      filesEnding(join(definitionsDir, 'processes'), '.yaml').map((file) => basename(file, '.yaml')),
    ),
  };
}
