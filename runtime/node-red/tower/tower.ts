/** The control tower on the hub's server: its pages, and below `/tower/api` one router a part. */
import { Router, type Express, type RequestHandler } from 'express';
import type { Counter } from '../../catalogue/counter.ts';
import type { Environment } from '../../environments/environment.ts';
import type { Trial } from '../../flow-test/trail.ts';
import type { FlowFile } from '../../flow-file/read.ts';
import type { Hub } from '../../hub/hub.ts';
import type { Workbench } from '../../workspace/files.ts';
import type { TestEvidence } from '../../release/author.ts';
import type { Runs } from '../../release/fleet.ts';
import type { SecretRow } from '../../secrets/list.ts';
import type { Reader } from '../../tower/reader.ts';
import { openSite } from '../../tower/site.ts';
import type { Drafter } from '../../triage/drafts.ts';
import { refuse } from '../refuse.ts';
import { uncached } from '../routes.ts';
import type { Users } from '../users.ts';
import { conditional } from './conditional.ts';
import { parts } from './parts.ts';
import { siteRoutes } from './site.ts';

export interface Tower {
  hub: Hub;
  reader: Reader;
  environment: Environment;
  here: Here;
  /** What can be taken into the files of the hub. */
  catalogue: Counter;
  dataDir: string;
  users: Users;
  /** Names, ages and ends. */
  secrets(now: Date): readonly SecretRow[];
  trial: Trial;
  /** Runs those of a flow, and of the mappings whose names begin so. */
  tests(flow: string, mappings: string): Promise<TestEvidence>;
  /** What runs in this process. */
  runs?(): Runs;
  /** Where drafts about issues are on. */
  drafter?: Drafter;
}

/** The files this hub runs. */
export interface Here extends Workbench {
  /** The flows that run, as their files say. Throws CodedError FLOW_FILE_INVALID. */
  flows(): Promise<FlowFile[]>;
}

/** The pages of the tower and of the workspace, and below `/tower/api` what both ask. */
export function mountTower(admin: Express, tower: Tower): void {
  const site = siteRoutes(openSite());
  admin.use('/tower/api', apiRoutes(tower));
  admin.use('/tower', site);
  admin.use('/workspace', site);
}

function apiRoutes(tower: Tower): Router {
  const api = Router();
  api.use(uncached, onlyText, conditional);
  for (const [name, routes] of Object.entries(parts)) api.use(`/${name}`, routes(tower));
  api.use((_request, response) => void refuse(response, 'ROUTE_UNKNOWN', 'The tower has no such call'));
  return api;
}

/** PostgreSQL takes no zero byte, not even to look for one. */
const onlyText: RequestHandler = ({ url }, response, next) => {
  if (url.includes('%00')) refuse(response, 'REQUEST_INVALID', 'No number and no name holds a zero byte');
  else next();
};
