/** The words of the pages in German. */
import type { Like } from '../kit/wording.ts';
import { board } from './de/board.ts';
import { faults } from './de/faults.ts';
import { login } from './de/login.ts';
import { orders } from './de/orders.ts';
import { search } from './de/search.ts';
import { shell } from './de/shell.ts';
import type { en } from './en.ts';

export const de = {
  shell,
  login,
  search,
  faults,
  board,
  orders,
} satisfies Like<typeof en>;
