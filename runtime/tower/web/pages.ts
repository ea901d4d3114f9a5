/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as code } from './pages/code.ts';
import { page as codes } from './pages/codes.ts';
import { page as letter } from './pages/letter.ts';
import { page as proposals } from './pages/proposals.ts';
import { page as search } from './pages/search.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  letter,
  proposals,
  code,
  codes,
  search,
};

export const pages: readonly Page[] = Object.values(all);
