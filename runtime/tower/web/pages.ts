/** Every page of the tower: one line each, in the order in which their addresses are tried. */
import type { Page } from './kit/page.ts';
import { page as figures } from './pages/figures.ts';
import { page as health } from './pages/health.ts';
import { page as search } from './pages/search.ts';
import { page as replay } from './pages/replay.ts';
import { page as replays } from './pages/replays.ts';
import { page as issue } from './pages/issue.ts';
import { page as queue } from './pages/queue.ts';
import { page as board } from './pages/board.ts';
import { page as order } from './pages/order.ts';
import { page as orders } from './pages/orders.ts';
import { page as code } from './pages/code.ts';
import { page as codes } from './pages/codes.ts';
import { page as letter } from './pages/letter.ts';
import { page as proposals } from './pages/proposals.ts';
import { page as process } from './pages/workspace/process.ts';
import { page as processes } from './pages/workspace/processes.ts';
import { page as catalogue } from './pages/workspace/catalogue.ts';
import { page as valueMaps } from './pages/workspace/values.ts';
import { page as valueMap } from './pages/workspace/value-map.ts';
import { page as partners } from './pages/workspace/partners.ts';
import { page as partner } from './pages/workspace/partner.ts';
import { page as newPartner } from './pages/workspace/new-partner.ts';
import { page as map } from './pages/workspace/map.ts';
import { page as events } from './pages/workspace/events.ts';
import { page as event } from './pages/workspace/event.ts';
import { page as rules } from './pages/workspace/rules.ts';
import { page as workspace } from './pages/workspace/start.ts';
import { page as mappings } from './pages/workspace/mappings.ts';
import { page as mapping } from './pages/workspace/mapping.ts';
import { page as tests } from './pages/workspace/tests.ts';
import { page as samples } from './pages/workspace/samples.ts';
import { page as reconciliation } from './pages/reconciliation.ts';
import { page as suspicions } from './pages/suspicions.ts';
import { page as secrets } from './pages/secrets.ts';
import { page as interfaces } from './pages/interfaces.ts';
import { page as oneInterface } from './pages/interface.ts';
import { page as audit } from './pages/audit.ts';
import { page as auditRow } from './pages/audit-row.ts';
import { page as users } from './pages/users.ts';
import { page as start } from './pages/start.ts';

const all = {
  start,
  figures,
  health,
  search,
  replays,
  replay,
  queue,
  issue,
  board,
  orders,
  order,
  letter,
  proposals,
  reconciliation,
  suspicions,
  secrets,
  interfaces,
  oneInterface,
  audit,
  auditRow,
  users,
  code,
  codes,
  partners,
  newPartner,
  map,
  partner,
  workspace,
  processes,
  process,
  mappings,
  mapping,
  catalogue,
  valueMaps,
  valueMap,
  events,
  event,
  rules,
  samples,
  tests,
};

export const pages: readonly Page[] = Object.values(all);
