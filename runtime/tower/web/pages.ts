/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as issue } from './pages/issue.ts';
import { page as queue } from './pages/queue.ts';
import { page as search } from './pages/search.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  queue,
  issue,
  search,
};

export const pages: readonly Page[] = Object.values(all);
