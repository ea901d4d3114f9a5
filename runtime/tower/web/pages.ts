/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as board } from './pages/board.ts';
import { page as order } from './pages/order.ts';
import { page as orders } from './pages/orders.ts';
import { page as search } from './pages/search.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  board,
  orders,
  order,
  search,
};

export const pages: readonly Page[] = Object.values(all);
