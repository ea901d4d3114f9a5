/** The parts of the tower's API. Every route in them asks for its permission itself. */
import type { Router } from 'express';
import { codesRoutes } from './codes.ts';
import { lettersRoutes } from './letters.ts';
import { meRoutes } from './me.ts';
import { mendRoutes } from './mend.ts';
import { searchRoutes } from './search.ts';
import type { Tower } from './tower.ts';

/** Each below `/tower/api/<name>`. */
export const parts = {
  me: meRoutes,
  codes: codesRoutes,
  letters: lettersRoutes,
  mend: mendRoutes,
  search: searchRoutes,
} satisfies Record<string, (tower: Tower) => Router>;
