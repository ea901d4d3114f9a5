/** The parts of the tower's API. Every route in them asks for its permission itself. */
import type { Router } from 'express';
import { healthRoutes } from './health.ts';
import { meRoutes } from './me.ts';
import type { Tower } from './tower.ts';

/** Each below `/tower/api/<name>`. */
export const parts = {
  health: healthRoutes,
  me: meRoutes,
} satisfies Record<string, (tower: Tower) => Router>;
