/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as health } from './pages/health.ts';
import { page as search } from './pages/search.ts';
import { page as replay } from './pages/replay.ts';
import { page as replays } from './pages/replays.ts';
import { page as issue } from './pages/issue.ts';
import { page as queue } from './pages/queue.ts';
import { page as board } from './pages/board.ts';
import { page as order } from './pages/order.ts';
import { page as orders } from './pages/orders.ts';
import { page as code } from './pages/code.ts';
import { page as codes } from './pages/codes.ts';
import { page as letter } from './pages/letter.ts';
import { page as proposals } from './pages/proposals.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  health,
  search,
  replays,
  replay,
  queue,
  issue,
  board,
  orders,
  order,
  letter,
  proposals,
  code,
  codes,
};

export const pages: readonly Page[] = Object.values(all);
