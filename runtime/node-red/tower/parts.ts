/** The parts of the tower's API. Every route in them asks for its permission itself. */
import type { Router } from 'express';
import { healthRoutes } from './health.ts';
import { issuesRoutes } from './issues.ts';
import { boardRoutes } from './board.ts';
import { meRoutes } from './me.ts';
import { replaysRoutes } from './replays.ts';
import { searchRoutes } from './search.ts';
import { orderRoutes } from './orders.ts';
import { codesRoutes } from './codes.ts';
import { lettersRoutes } from './letters.ts';
import { mendRoutes } from './mend.ts';
import type { Tower } from './tower.ts';

/** Each below `/tower/api/<name>`. */
export const parts = {
  health: healthRoutes,
  issues: issuesRoutes,
  me: meRoutes,
  replays: replaysRoutes,
  search: searchRoutes,
  orders: orderRoutes,
  board: boardRoutes,
  codes: codesRoutes,
  letters: lettersRoutes,
  mend: mendRoutes,
} satisfies Record<string, (tower: Tower) => Router>;
