/** The words of the pages in German. */
import type { Like } from '../kit/wording.ts';
import { board } from './de/board.ts';
import { faults } from './de/faults.ts';
import { health } from './de/health.ts';
import { causes } from './de/causes.ts';
import { issues } from './de/issues.ts';
import { login } from './de/login.ts';
import { replay } from './de/replay.ts';
import { steps } from './de/steps.ts';
import { search } from './de/search.ts';
import { orders } from './de/orders.ts';
import { form } from './de/form.ts';
import { letter } from './de/letter.ts';
import { mend } from './de/mend.ts';
import { runbook } from './de/runbook.ts';
import { shell } from './de/shell.ts';
import { teams } from './de/teams.ts';
import type { en } from './en.ts';

export const de = {
  shell,
  teams,
  login,
  search,
  faults,
  health,
  replay,
  issues,
  causes,
  steps,
  board,
  orders,
  letter,
  form,
  mend,
  runbook,
} satisfies Like<typeof en>;
