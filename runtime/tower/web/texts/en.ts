/** The words of the pages in English: a group a page. */
import { board } from './en/board.ts';
import { catalogue } from './en/catalogue.ts';
import { faults } from './en/faults.ts';
import { figures } from './en/figures.ts';
import { health } from './en/health.ts';
import { code } from './en/code.ts';
import { functions } from './en/functions.ts';
import { studio } from './en/studio.ts';
import { causes } from './en/causes.ts';
import { issues } from './en/issues.ts';
import { login } from './en/login.ts';
import { process } from './en/process.ts';
import { replay } from './en/replay.ts';
import { steps } from './en/steps.ts';
import { search } from './en/search.ts';
import { orders } from './en/orders.ts';
import { form } from './en/form.ts';
import { letter } from './en/letter.ts';
import { mend } from './en/mend.ts';
import { runbook } from './en/runbook.ts';
import { shell } from './en/shell.ts';
import { files } from './en/files.ts';
import { values } from './en/values.ts';
import { partner } from './en/partner.ts';
import { map } from './en/map.ts';
import { events } from './en/events.ts';
import { rules } from './en/rules.ts';
import { tests } from './en/tests.ts';
import { samples } from './en/samples.ts';
import { workspace } from './en/workspace.ts';
import { reconciliation } from './en/reconciliation.ts';
import { secrets } from './en/secrets.ts';
import { suspicions } from './en/suspicions.ts';
import { interfaces } from './en/interfaces.ts';
import { audit } from './en/audit.ts';
import { teams } from './en/teams.ts';
import { users } from './en/users.ts';
import { triage } from './en/triage.ts';

export const en = {
  shell,
  users,
  teams,
  login,
  search,
  faults,
  figures,
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
  partner,
  map,
  workspace,
  catalogue,
  samples,
  tests,
  code,
  files,
  process,
  studio,
  functions,
  values,
  events,
  rules,
  reconciliation,
  triage,
  suspicions,
  secrets,
  interfaces,
  audit,
};
