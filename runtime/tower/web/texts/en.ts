/** The words of the pages in English: a group a page. */
import { faults } from './en/faults.ts';
import { form } from './en/form.ts';
import { letter } from './en/letter.ts';
import { login } from './en/login.ts';
import { mend } from './en/mend.ts';
import { runbook } from './en/runbook.ts';
import { search } from './en/search.ts';
import { shell } from './en/shell.ts';

export const en = {
  shell,
  login,
  search,
  faults,
  letter,
  form,
  mend,
  runbook,
};
