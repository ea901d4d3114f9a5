/** The parts of the tower's API. Every route in them asks for its permission itself. */
import type { Router } from 'express';
import { catalogueRoutes } from './catalogue.ts';
import { figuresRoutes } from './figures.ts';
import { healthRoutes } from './health.ts';
import { issuesRoutes } from './issues.ts';
import { boardRoutes } from './board.ts';
import { meRoutes } from './me.ts';
import { replaysRoutes } from './replays.ts';
import { searchRoutes } from './search.ts';
import { orderRoutes } from './orders.ts';
import { codesRoutes } from './codes.ts';
import { lettersRoutes } from './letters.ts';
import { filesRoutes } from './files.ts';
import { newPartnerRoutes } from './new-partner.ts';
import { valuesRoutes } from './values.ts';
import { eventsRoutes } from './events.ts';
import { rulesRoutes } from './rules.ts';
import { partnersRoutes } from './partners.ts';
import { mendRoutes } from './mend.ts';
import { choicesRoutes } from './choices.ts';
import { mapRoutes } from './map.ts';
import { studioRoutes } from './studio.ts';
import { testsRoutes } from './tests.ts';
import { samplesRoutes } from './samples.ts';
import { reconciliationRoutes } from './reconciliation.ts';
import { triageRoutes } from './triage.ts';
import { interfacesRoutes } from './interfaces.ts';
import { suspicionsRoutes } from './suspicions.ts';
import { secretsRoutes } from './secrets.ts';
import { auditRoutes } from './audit.ts';
import { usersRoutes } from './users.ts';
import type { Tower } from './tower.ts';

/** Each below `/tower/api/<name>`. */
export const parts = {
  health: healthRoutes,
  figures: figuresRoutes,
  issues: issuesRoutes,
  me: meRoutes,
  replays: replaysRoutes,
  search: searchRoutes,
  orders: orderRoutes,
  board: boardRoutes,
  codes: codesRoutes,
  letters: lettersRoutes,
  mend: mendRoutes,
  samples: samplesRoutes,
  tests: testsRoutes,
  files: filesRoutes,
  'new-partner': newPartnerRoutes,
  partners: partnersRoutes,
  choices: choicesRoutes,
  map: mapRoutes,
  studio: studioRoutes,
  catalogue: catalogueRoutes,
  values: valuesRoutes,
  events: eventsRoutes,
  rules: rulesRoutes,
  reconciliation: reconciliationRoutes,
  triage: triageRoutes,
  suspicions: suspicionsRoutes,
  secrets: secretsRoutes,
  interfaces: interfacesRoutes,
  audit: auditRoutes,
  users: usersRoutes,
} satisfies Record<string, (tower: Tower) => Router>;
