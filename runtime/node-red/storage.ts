/** Node-RED's storage: flows as YAML or JSON files, everything else as JSON in the data directory. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { audited, hashed, type Auditing, type AuditedAct } from '../audit/audited.ts';
import { CodedError } from '../errors/coded-error.ts';
import { finishReplacing, readFiles, replaceFiles } from '../flow-file/disk.ts';
import { replaceFile } from '../files/durable.ts';
import type { FlowFiles, FlowNode, Format, OutputsOf } from '../flow-file/format.ts';
import { parseFlows } from '../flow-file/read.ts';
import { writeFlows } from '../flow-file/write.ts';
import type { Log } from '../log/log.ts';
import { serial } from '../files/serial.ts';

export interface StorageOptions {
  /** Asked at each load and save. */
  flowsDir: () => string;
  dataDir: string;
  outputsOf: OutputsOf;
  /** Of new flows; default YAML. */
  format?: Format;
  /** Throws a CodedError when these flows must not be deployed. */
  check?: (flows: readonly FlowNode[], files: FlowFiles) => void;
  /** What was loaded. */
  loaded?: (files: FlowFiles) => void;
  /** What was saved is on the disk. */
  saved?: (changed: string[], by: string) => Promise<void>;
  /** Awaited before flows are saved or loaded again, while the running ones still work: the place to drain. */
  beforeDeploy?: () => Promise<void>;
  /** A save or load failed: the running flows go on. */
  deployFailed?: () => void;
  /** Has a row before flows are written. */
  audit?: Auditing;
  log: Log;
}

type Json = Record<string, unknown>;

export interface Storage {
  init(): Promise<void>;
  /** Throws CodedError FLOW_FILE_INVALID with facts {file, line}; saves are refused from then on. */
  getFlows(): Promise<FlowNode[]>;
  /**
   * Leaves the array as the next start reads it, because Node-RED hashes it for its `rev`. A refused save leaves the
   * files as they were. Throws FLOWS_NOT_LOADED, FLOW_FILES_CHANGED, FLOW_FILE_INVALID or FLOW_FILE_LOSSY, or what
   * `check` throws.
   */
  saveFlows(flows: FlowNode[], user?: { username?: string } | null): Promise<void>;
  /** Encrypted by Node-RED. */
  getCredentials(): Promise<Json>;
  saveCredentials(credentials: Json): Promise<void>;
  getSettings(): Promise<Json>;
  saveSettings(settings: Json): Promise<void>;
  getSessions(): Promise<Json>;
  saveSessions(sessions: Json): Promise<void>;
  getLibraryEntry(): Promise<unknown[]>;
  saveLibraryEntry(): Promise<void>;
}

/** A plain object: Node-RED looks for own properties only. Loads and saves of flows follow one after the other. */
export function createStorage(options: StorageOptions): Storage {
  const { flowsDir, outputsOf, format, check, beforeDeploy, deployFailed, audit, log } = options;
  let loaded: FlowFiles | undefined;
  const inTurn = serial();
  const json = jsonFiles(options.dataDir);

  async function load(): Promise<FlowNode[]> {
    loaded = undefined;
    await finishReplacing(flowsDir());
    const files = await readFiles(flowsDir());
    const flows = parseFlows(files, outputsOf);
    options.loaded?.(files);
    await beforeDeploy?.();
    loaded = files;
    return flows;
  }

  async function save(flows: FlowNode[], by: string): Promise<void> {
    const previous = await unchanged(flowsDir(), mustBeLoaded(loaded), outputsOf);
    const next = writeFlows(flows, previous, outputsOf, format);
    check?.(flows, next);
    await beforeDeploy?.();
    const all = [...new Set([...next.keys(), ...previous.keys()])];
    const changed = all.filter((path) => next.get(path) !== previous.get(path));
    const write = () => replaceFiles(flowsDir(), previous, next);
    await (audit ? audited(audit, deployOf(by, changed, previous, next), write) : write());
    loaded = next;
    await options.saved?.(changed, by);
    flows.splice(0, flows.length, ...parseFlows(next, outputsOf));
  }

  const told = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      deployFailed?.();
      throw error;
    });

  return {
    init: async () => {},
    getFlows: () => told(inTurn(load)),
    saveFlows: (flows, user) =>
      told(inTurn(() => save(flows, user?.username ?? 'somebody'))).catch((error: unknown) => {
        log.error({ err: error }, 'The flows were not saved');
        // Node-RED shows a stack in the editor; what is refused with a code says all there is to say.
        if (error instanceof CodedError && error.code !== 'INTERNAL') error.stack = error.code;
        throw error;
      }),
    // Read with the flows, after them.
    getCredentials: () => told(json.read('credentials')),
    async saveCredentials(credentials) {
      // Node-RED saves them before the flows they belong to.
      mustBeLoaded(loaded);
      await json.write('credentials', credentials);
    },
    getSettings: () => json.read('settings'),
    saveSettings: (settings) => json.write('settings', settings),
    getSessions: () => json.read('sessions'),
    saveSessions: (sessions) => json.write('sessions', sessions),
    getLibraryEntry: async () => [],
    async saveLibraryEntry() {
      throw new CodedError('CONFIG_INVALID', 'The hub keeps no library: mappings and flows are files');
    },
  };
}

/** In turns of their own: a login does not wait until a deploy has drained. */
function jsonFiles(dataDir: string) {
  const inTurn = serial();
  const pathOf = (name: string): string => join(dataDir, `${name}.json`);
  return {
    read: (name: string): Promise<Json> => readJson(pathOf(name)),
    write: (name: string, value: Json): Promise<void> =>
      inTurn(() => replaceFile(pathOf(name), JSON.stringify(value), 0o600)),
  };
}

function deployOf(who: string, changed: readonly string[], previous: FlowFiles, next: FlowFiles): AuditedAct {
  const textsOf = (files: FlowFiles) => changed.map((path) => [path, files.get(path) ?? null]);
  return {
    who,
    act: 'flow.deploy',
    object: changed.length > 0 ? changed.map((path) => `flow/${path}`).join(' ') : 'no flow changed',
    ...hashed('before', textsOf(previous)),
    ...hashed('after', textsOf(next)),
  };
}

function mustBeLoaded(files: FlowFiles | undefined): FlowFiles {
  if (files) return files;
  throw new CodedError('FLOWS_NOT_LOADED', 'The flow files could not be read; nothing is written over them');
}

/** The files as they are now. What people changed without another meaning, such as a comment, is welcome; else throws FLOW_FILES_CHANGED. */
async function unchanged(dir: string, loaded: FlowFiles, outputsOf: OutputsOf): Promise<FlowFiles> {
  const now = await readFiles(dir);
  if (isDeepStrictEqual(now, loaded)) return now;
  if (isDeepStrictEqual(parseFlows(now, outputsOf), parseFlows(loaded, outputsOf))) return now;
  const file = [...now.keys(), ...loaded.keys()].find((path) => now.get(path) !== loaded.get(path)) ?? '';
  throw new CodedError('FLOW_FILES_CHANGED', `${file} was changed on the disk after the flows were loaded`, {
    file,
  });
}

/** Throws CONFIG_INVALID for a broken file: an empty start would lose what stands in it. */
async function readJson(file: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Json;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    if (!(error instanceof SyntaxError)) throw error;
    // The parser's own message would quote the file.
    throw new CodedError('CONFIG_INVALID', `${file} is not JSON`, { file });
  }
}
