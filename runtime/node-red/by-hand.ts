/** Follows what people change in the flow files and definitions while the hub runs: reloads, or says why not. */
import { watch, type FSWatcher } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import RED from 'node-red';
import { asCoded } from '../errors/coded-error.ts';
import { escaped } from '../markup/escaped.ts';
import type { Log } from '../log/log.ts';
import { readFileSet, type FileSet } from '../flow-file/file-set.ts';
import type { ProjectDirs } from './switcher.ts';

export interface ByHandOptions {
  dirs: ProjectDirs;
  /** False while the hub runs something else. */
  active(): boolean;
  /** Throws a CodedError when what stands in the files now must not run. */
  check(): Promise<void>;
  /** Takes the files as they are now. */
  reload(): Promise<void>;
  /** Paths of the flows that run now as they were changed. */
  changed(paths: string[]): Promise<void>;
  log: Log;
}

export interface ByHand {
  /** What stands in the files now is known: the hub wrote it itself, or has just read it. */
  seen(): Promise<void>;
  /** What stands in the files now runs when it resolves. Throws why it cannot run. */
  take(): Promise<void>;
  stop(): void;
}

/** Editors write a file in several steps, and people several files. */
const quietMs = 400;

export async function followByHand(options: ByHandOptions): Promise<ByHand> {
  const { dirs, active, check, reload, changed, log } = options;
  await mkdir(dirs.flowsDir, { recursive: true });
  let known = await texts(dirs);
  let timer: NodeJS.Timeout | undefined;
  let working = Promise.resolve();

  const take = async (): Promise<void> => {
    const now = await texts(dirs);
    const paths = [...new Set([...now.keys(), ...known.keys()])].filter(
      (path) => now.get(path) !== known.get(path),
    );
    if (paths.length === 0 || !active()) return;
    known = now;
    await check();
    await reload();
    await changed(paths.flatMap((path) => (path.startsWith('flows/') ? [path.slice('flows/'.length)] : [])));
    log.info({ paths }, 'Files were changed by hand: the hub runs them now');
    tell('success', 'Files were changed by hand: the hub runs them now.');
  };
  const takeSafely = (): Promise<void> =>
    take().catch((error: unknown) => {
      const { code, message } = asCoded(error);
      log.error({ err: error }, 'Files were changed by hand and cannot run: the hub runs the last good ones');
      tell('error', `Changed by hand, not taken: ${message} (${code})`);
    });
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      working = working
        .then(takeSafely)
        .catch((error: unknown) => log.error({ err: error }, 'The files cannot be looked at'));
    }, quietMs);
  };
  const watchers = [dirs.flowsDir, dirs.definitionsDir].map((dir): FSWatcher => {
    const watcher = watch(dir, { recursive: true }, soon);
    watcher.on('error', (error) => log.warn({ err: error, dir }, 'Changes of files are not seen any more'));
    watcher.unref();
    return watcher;
  });
  return {
    async seen() {
      known = await texts(dirs);
    },
    take() {
      const mine = working.then(take);
      working = mine.catch(() => {});
      return mine;
    },
    stop() {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
}

/** What runs: tests beside it are not. */
async function texts({ flowsDir, definitionsDir }: ProjectDirs): Promise<FileSet> {
  const all = await readFileSet(flowsDir, definitionsDir);
  return new Map([...all].filter(([path]) => !path.endsWith('.test.yaml')));
}

/** The working copy runs here and not on the workers. */
export function tellWorkersRefused(error: unknown): void {
  const { code, message } = asCoded(error);
  tell('error', `The workers go on with the flows before this deploy. ${message} (${code})`);
}

/** Every open editor shows it. The text is shown as HTML there. */
function tell(type: 'success' | 'error', text: string): void {
  // The editor looks the text up as a key: its dots and colons are not those of one.
  const whole = { nsSeparator: false, keySeparator: false };
  const payload = { type, text: escaped(text), timeout: type === 'success' ? 5000 : 30_000, ...whole };
  RED.events.emit('runtime-event', { id: 'crossdock-by-hand', payload, retain: false });
}
