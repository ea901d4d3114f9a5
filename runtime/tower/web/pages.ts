/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as replay } from './pages/replay.ts';
import { page as replays } from './pages/replays.ts';
import { page as search } from './pages/search.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  replays,
  replay,
  search,
};

export const pages: readonly Page[] = Object.values(all);
