/** The secrets of this process: read from where they come from into its environment, at the start and whenever they change. */
import { typedNow } from './secret-file.ts';
import { serial } from '../files/serial.ts';
import { tellChanged } from './following.ts';
import { holding, readKept, type Kept } from './kept.ts';
import { fromCommand, fromDotEnv, fromFiles, fromFolder, keptFile, type Source } from './sources.ts';

/** Of the hub itself; those of its flows stand in the file of its environment. */
export const ownSecrets = [
  'AMQP_URL',
  'REDIS_URL',
  'DATABASE_URL',
  'CROSSDOCK_METRICS_TOKEN',
  'CROSSDOCK_CREDENTIAL_SECRET',
  'CROSSDOCK_TRIAGE_KEY',
] as const;

export interface Places {
  env: NodeJS.ProcessEnv;
  dataDir: string;
  /** What a command is asked for, besides the hub's own. */
  names: readonly string[];
}

export interface Read {
  /** Names that have another value now. */
  changed: string[];
  troubles: { name: string; why: string }[];
}

export interface Secrets {
  /** Reads the sources again. `command`: asks the command too. */
  read(asked?: { command: boolean }): Promise<Read>;
  /** Undefined for what has no value. */
  sourceOf(name: string): Source | undefined;
  /** What the source itself says, whatever the hub made. */
  baseOf(name: string): string | undefined;
  troubles(): Read['troubles'];
  /** What the hub made or took itself, as it was read last. */
  kept(): Kept;
}

interface Base {
  value: string;
  source: Source;
}

/** One for each environment: what the process was given at its start is known only then. */
const known = new WeakMap<NodeJS.ProcessEnv, Promise<Secrets>>();

/** Has read the sources once when it resolves. Throws CodedError CONFIG_INVALID for a file of kept secrets that is none. */
export function secretsOf(places: Places): Promise<Secrets> {
  const { env } = places;
  const opened = known.get(env) ?? open(places);
  known.set(env, opened);
  return opened;
}

async function open({ env, dataDir, names }: Places): Promise<Secrets> {
  const own = env === process.env;
  const given = await givenIn(env, own);
  const wanted = [...new Set([...ownSecrets, ...names])];
  let commanded = new Map<string, string>();
  let bases = new Map<string, Base>();
  let sources = new Map<string, Source>();
  let troubles = new Map<string, string>();
  let hurt = new Map<string, string>();
  let kept: Kept = {};
  let typed: Record<string, string> = {};
  /** What was read first would else count after what was read later. */
  const inTurn = serial();

  async function command(): Promise<void> {
    const found = await fromCommand(
      env,
      wanted.filter((name) => !given.has(name)),
    );
    hurt = found.troubles;
    // What it does not tell now is what it was.
    commanded = new Map([...commanded, ...found.values]);
  }

  async function gather(): Promise<void> {
    const found = await fromSources(env, own);
    kept = await readKept(keptFile(env, dataDir));
    typed = await fromBrowser(dataDir);
    troubles = new Map(hurt);
    bases = new Map([...commanded].map(([name, value]) => [name, { value, source: 'command' }]));
    for (const source of ['folder', 'file', '.env'] as const) {
      for (const [name, why] of found[source]?.troubles ?? []) if (!given.has(name)) troubles.set(name, why);
      for (const [name, value] of found[source]?.values ?? []) bases.set(name, { value, source });
    }
    for (const [name, value] of given) bases.set(name, { value, source: 'environment' });
  }

  function baseOf(name: string): string | undefined {
    return bases.get(name)?.value ?? typed[name];
  }

  function settle(now: Date): string[] {
    const next = effective(now);
    sources = new Map([...next].map(([name, { source }]) => [name, source]));
    const changed = [...next].filter(([name, { value }]) => env[name] !== value).map(([name]) => name);
    for (const name of changed) env[name] = next.get(name)!.value;
    return changed;
  }

  function effective(now: Date): Map<string, Base> {
    const managed = [...bases].filter(([name, { source }]) => source !== 'environment' || name in kept);
    const next = new Map(managed);
    for (const [name, secret] of Object.entries(kept)) {
      const base = baseOf(name);
      const value = holding(secret, base, now);
      next.set(name, { value, source: value === base ? sourceOfBase(name) : 'hub' });
    }
    return next;
  }

  const sourceOfBase = (name: string): Source => bases.get(name)?.source ?? 'browser';

  const secrets: Secrets = {
    read: (asked = { command: true }) =>
      inTurn(async () => {
        if (asked.command) await command();
        await gather();
        const changed = settle(new Date());
        tellChanged(changed);
        return { changed, troubles: secrets.troubles() };
      }),
    sourceOf: (name) => (env[name] ? (sources.get(name) ?? sourceOfBase(name)) : undefined),
    baseOf,
    troubles: () => [...troubles].map(([name, why]) => ({ name, why })),
    kept: () => kept,
  };
  await secrets.read();
  return secrets;
}

/** What stands in `.env` was given by it. */
async function givenIn(env: NodeJS.ProcessEnv, own: boolean): Promise<Map<string, string>> {
  const given = new Map(Object.entries(env).flatMap(([name, value]) => (value ? [[name, value]] : [])));
  for (const [name, value] of own ? (await fromDotEnv()).values : [])
    if (given.get(name) === value) given.delete(name);
  return given;
}

async function fromSources(env: NodeJS.ProcessEnv, own: boolean) {
  const [dotEnv, file, folder] = await Promise.all([
    own ? fromDotEnv() : undefined,
    fromFiles(env),
    fromFolder(env),
  ]);
  return { '.env': dotEnv, file, folder };
}

/** A file that is none is told where it is needed. */
async function fromBrowser(dataDir: string): Promise<Record<string, string>> {
  try {
    return await typedNow(dataDir);
  } catch {
    return {};
  }
}
