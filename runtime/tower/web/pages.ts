/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as health } from './pages/health.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  health,
};

export const pages: readonly Page[] = Object.values(all);
