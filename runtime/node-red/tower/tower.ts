/** What the parts of the tower's API are made of: the hub, its files, and who uses them. */
import type { Counter } from '../../catalogue/counter.ts';
import type { Environment } from '../../environments/environment.ts';
import type { Trial } from '../../flow-test/trail.ts';
import type { FlowFile } from '../../flow-file/read.ts';
import type { Hub } from '../../hub/hub.ts';
import type { Workbench } from '../../workspace/files.ts';
import type { TestEvidence } from '../../authoring/author.ts';
import type { Runs } from '../../release/fleet.ts';
import type { SecretRow } from '../../secrets/list.ts';
import type { Reader } from '../../reader/reader.ts';
import type { Drafter } from '../../triage/drafts.ts';
import type { Users } from '../users.ts';

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
