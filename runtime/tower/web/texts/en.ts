/** The words of the pages in English: a group a page. */
import { faults } from './en/faults.ts';
import { causes } from './en/causes.ts';
import { issues } from './en/issues.ts';
import { login } from './en/login.ts';
import { steps } from './en/steps.ts';
import { search } from './en/search.ts';
import { shell } from './en/shell.ts';

export const en = {
  shell,
  login,
  search,
  faults,
  issues,
  causes,
  steps,
};
