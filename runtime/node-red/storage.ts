/** Node-RED's storage: flows as YAML files, everything else as JSON in the data directory. */
import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError } from '../errors/coded-error.ts';
import { readFiles, replaceFiles, writeDurably } from '../flow-file/disk.ts';
import type { FlowFiles, FlowNode, OutputsOf } from '../flow-file/format.ts';
import { parseFlows } from '../flow-file/read.ts';
import { writeFlows } from '../flow-file/write.ts';
import type { Log } from '../hub/log.ts';

export interface StorageOptions {
  flowsDir: string;
  dataDir: string;
  outputsOf: OutputsOf;
  /** Awaited before flows are saved, while the running ones still work: the place to drain. */
  beforeSave?: () => Promise<void>;
  /** A save failed: the running flows go on. */
  saveFailed?: () => void;
  log: Log;
}

/** A plain object: Node-RED looks for own properties only. */
export function createStorage({
  flowsDir,
  dataDir,
  outputsOf,
  beforeSave,
  saveFailed,
  log,
}: StorageOptions): object {
  let files: FlowFiles | undefined;
  let saving: Promise<unknown> = Promise.resolve();

  /** Node-RED hashes the array as it is left here: it must be what the next start reads. */
  async function save(flows: FlowNode[]): Promise<void> {
    if (!files)
      throw new CodedError(
        'FLOWS_NOT_LOADED',
        'The flow files could not be read; nothing is written over them',
      );
    const next = sorted(writeFlows(flows, files, outputsOf));
    await beforeSave?.();
    await replaceFiles(flowsDir, files, next);
    files = next;
    flows.splice(0, flows.length, ...parseFlows(next, outputsOf));
  }

  return {
    init: async () => {},
    async getFlows() {
      files = undefined;
      const read = await readFiles(flowsDir);
      const flows = parseFlows(read, outputsOf);
      files = read;
      return flows;
    },
    /** One after the other; a refused save leaves the files as they were. */
    async saveFlows(flows: FlowNode[]) {
      const mine = saving.then(() => save(flows));
      saving = mine.catch(() => {});
      try {
        await mine;
      } catch (error) {
        log.error({ err: error }, 'The flows were not saved');
        saveFailed?.();
        throw error;
      }
    },
    ...jsonFile(dataDir, 'Credentials', 'credentials.json'),
    ...jsonFile(dataDir, 'Settings', 'settings.json'),
    ...jsonFile(dataDir, 'Sessions', 'sessions.json'),
    getLibraryEntry: async () => [],
    async saveLibraryEntry() {
      throw new CodedError('CONFIG_INVALID', 'The hub keeps no library: mappings and flows are files');
    },
  };
}

function sorted(files: FlowFiles): FlowFiles {
  return new Map([...files].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function jsonFile(dataDir: string, what: string, name: string): Record<string, unknown> {
  const file = join(dataDir, name);
  return {
    async [`get${what}`](): Promise<unknown> {
      try {
        return JSON.parse(await readFile(file, 'utf8'));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
        throw error;
      }
    },
    async [`save${what}`](value: unknown): Promise<void> {
      await writeDurably(`${file}.new`, JSON.stringify(value), 0o600);
      await rename(`${file}.new`, file);
    },
  };
}
