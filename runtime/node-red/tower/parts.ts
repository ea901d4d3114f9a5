/** The parts of the tower's API. Every route in them asks for its permission itself. */
import type { Router } from 'express';
import { issuesRoutes } from './issues.ts';
import { meRoutes } from './me.ts';
import { searchRoutes } from './search.ts';
import type { Tower } from './tower.ts';

/** Each below `/tower/api/<name>`. */
export const parts = {
  issues: issuesRoutes,
  me: meRoutes,
  search: searchRoutes,
} satisfies Record<string, (tower: Tower) => Router>;
