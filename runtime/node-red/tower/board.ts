/** The API of the board: what stands at each step of a process. */
import { Router } from 'express';
import Type from 'typebox';
import { calendarNamed } from '../../calendar/calendar.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { board, type Board } from '../../tower/board/board.ts';
import { answering, permitted, reader } from '../routes.ts';
import type { Tower } from './tower.ts';

const word = Type.String({ minLength: 1, maxLength: 300 });
const readBoard = reader(
  Type.Object(
    {
      process: Type.Optional(word),
      // `-`: not known.
      partner: Type.Optional(word),
      warehouse: Type.Optional(word),
    },
    { additionalProperties: false },
  ),
);

/** With the processes there are to choose from. */
export type BoardAnswer = Board & { processes: { process: string; summary: string }[] };

/** Below `/tower/api/board`. Without a process: the first by name. */
export function boardRoutes(tower: Tower): Router {
  const { hub } = tower;
  const router = Router();
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }): Promise<BoardAnswer> => {
      const { process = [...hub.processes.keys()].toSorted()[0] ?? '', ...filter } = readBoard(query);
      const definition = hub.processes.get(process);
      if (!definition) throw new CodedError('PROCESS_UNKNOWN', `There is no process ${process}`);
      const { steps, calendar } = definition;
      const found = await board(
        tower.reader.db,
        Object.keys(steps),
        calendarNamed(hub.calendars, calendar),
        { process, ...filter },
        new Date(),
      );
      const processes = [...hub.processes.values()].map(({ process, summary }) => ({ process, summary }));
      return { ...found, processes };
    }),
  );
  return router;
}
