/** The words of the pages in German. */
import type { Like } from '../kit/wording.ts';
import { faults } from './de/faults.ts';
import { health } from './de/health.ts';
import { login } from './de/login.ts';
import { shell } from './de/shell.ts';
import type { en } from './en.ts';

export const de = {
  shell,
  login,
  faults,
  health,
} satisfies Like<typeof en>;
