/** The words of the pages in English: a group a page. */
import { faults } from './en/faults.ts';
import { health } from './en/health.ts';
import { login } from './en/login.ts';
import { shell } from './en/shell.ts';

export const en = {
  shell,
  login,
  faults,
  health,
};
