/** The words of the pages in German. */
import type { Like } from './wording.ts';
import { board } from './de/board.ts';
import { catalogue } from './de/catalogue.ts';
import { faults } from './de/faults.ts';
import { figures } from './de/figures.ts';
import { health } from './de/health.ts';
import { code } from './de/code.ts';
import { functions } from './de/functions.ts';
import { studio } from './de/studio.ts';
import { causes } from './de/causes.ts';
import { issues } from './de/issues.ts';
import { login } from './de/login.ts';
import { process } from './de/process.ts';
import { replay } from './de/replay.ts';
import { steps } from './de/steps.ts';
import { search } from './de/search.ts';
import { orders } from './de/orders.ts';
import { form } from './de/form.ts';
import { letter } from './de/letter.ts';
import { mend } from './de/mend.ts';
import { runbook } from './de/runbook.ts';
import { shell } from './de/shell.ts';
import { files } from './de/files.ts';
import { values } from './de/values.ts';
import { partner } from './de/partner.ts';
import { map } from './de/map.ts';
import { events } from './de/events.ts';
import { rules } from './de/rules.ts';
import { tests } from './de/tests.ts';
import { samples } from './de/samples.ts';
import { workspace } from './de/workspace.ts';
import { reconciliation } from './de/reconciliation.ts';
import { secrets } from './de/secrets.ts';
import { suspicions } from './de/suspicions.ts';
import { interfaces } from './de/interfaces.ts';
import { audit } from './de/audit.ts';
import { teams } from './de/teams.ts';
import { users } from './de/users.ts';
import { triage } from './de/triage.ts';
import type { en } from './en.ts';

export const de = {
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
} satisfies Like<typeof en>;
