/** The words of the pages in English: a group a page. */
import { board } from './en/board.ts';
import { faults } from './en/faults.ts';
import { health } from './en/health.ts';
import { causes } from './en/causes.ts';
import { issues } from './en/issues.ts';
import { login } from './en/login.ts';
import { replay } from './en/replay.ts';
import { steps } from './en/steps.ts';
import { search } from './en/search.ts';
import { orders } from './en/orders.ts';
import { form } from './en/form.ts';
import { letter } from './en/letter.ts';
import { mend } from './en/mend.ts';
import { runbook } from './en/runbook.ts';
import { shell } from './en/shell.ts';
import { teams } from './en/teams.ts';

export const en = {
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
};
