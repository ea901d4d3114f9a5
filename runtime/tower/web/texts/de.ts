/** The words of the pages in German. */
import type { Like } from '../kit/wording.ts';
import { faults } from './de/faults.ts';
import { form } from './de/form.ts';
import { letter } from './de/letter.ts';
import { login } from './de/login.ts';
import { mend } from './de/mend.ts';
import { runbook } from './de/runbook.ts';
import { search } from './de/search.ts';
import { shell } from './de/shell.ts';
import type { en } from './en.ts';

export const de = {
  shell,
  login,
  search,
  faults,
  letter,
  form,
  mend,
  runbook,
} satisfies Like<typeof en>;
