/** Where flows are made: each working copy that runs there reaches the workers too, rolling, and is taken back where one cannot run it. */
import { asCoded } from '../errors/coded-error.ts';
import type { Log } from '../log/log.ts';
import type { Documents } from '../journal/documents.ts';
import type { Edit } from './author.ts';
import { current, forgetWorking, keepWorking, rolloutNow, workingCopy } from '../release/fleet.ts';
import type { Rolling } from '../release/rolling.ts';
import type { Switcher } from '../release/switcher.ts';

export interface WorkingOptions {
  documents: Documents;
  rolling: Rolling;
  switcher: Pick<Switcher, 'differences'>;
  flowsDir: string;
  definitionsDir: string;
  log: Log;
  /** Workers could not take it, and go on with the one before. */
  failed(error: unknown): void;
  now?: () => Date;
}

const AGAIN_MS = 5000;

/** To be called when flows have started; the last one counts. */
export function bringingWorkingCopies(options: WorkingOptions): () => void {
  const { log } = options;
  let busy = false;
  let again = false;
  const bring = (): void => {
    again = true;
    if (busy) return;
    busy = true;
    void bringAll().finally(() => (busy = false));
  };
  const bringAll = async (): Promise<void> => {
    while (again) {
      again = false;
      await bringWorkingCopy(options).catch((error: unknown) => {
        if (asCoded(error).code === 'PROMOTION_RUNNING') setTimeout(bring, AGAIN_MS).unref();
        else log.error({ err: error }, 'The workers do not run the working copy');
      });
    }
  };
  return bring;
}

/** When it resolves all workers run what stands in the folders now, or, where one cannot, what they ran before. */
export async function bringWorkingCopy(options: WorkingOptions): Promise<void> {
  const {
    documents,
    rolling,
    switcher,
    flowsDir,
    definitionsDir,
    failed,
    log,
    now = () => new Date(),
  } = options;
  const point = (digest: string): Promise<void> => documents.put('running', 'working', digest);
  await endLeft(documents, rolling);
  if (await documents.get('running', 'now')) return;
  const content = await workingCopy(flowsDir, definitionsDir);
  const { digest } = content;
  const stands = (await documents.get('running', 'working')) ?? '';
  if (digest === stands) return;
  const before = await current(documents, false);
  await keepWorking(documents, content);
  const roll = await rolling.begin({
    id: `working ${now().toISOString()}`,
    digest,
    by: await lastEditor(documents),
    ...(before !== undefined && { before }),
    pointer: { id: 'working', text: stands },
    known: [],
  });
  await point(digest);
  try {
    await roll.forth(switcher.differences(content));
    log.info({ digest }, 'The working copy runs on all workers');
  } catch (error) {
    log.error({ err: error, digest }, 'The workers cannot run the working copy: they run the one before');
    if (!roll.lost) await point(stands);
    await roll.back(error);
    failed(error);
  }
  await roll.end();
  await forgetWorking(documents, (await documents.get('running', 'working')) ?? '');
}

/** Of an earlier life of this hub. What stands in the folders now is brought anew. */
async function endLeft(documents: Documents, rolling: Rolling): Promise<void> {
  if ((await rolloutNow(documents))?.pointer.id !== 'working') return;
  const roll = await rolling.left();
  if (!roll) return;
  await documents.put('running', 'working', roll.rollout.pointer.text);
  await roll.back(new Error('The hub that brought it was started again'));
  await roll.end();
}

async function lastEditor(documents: Documents): Promise<string> {
  const edits = (await documents.list('edit')).map(({ body }) => JSON.parse(body) as Edit);
  return edits.toSorted((a, b) => (a.at < b.at ? 1 : -1))[0]?.by ?? 'somebody';
}
