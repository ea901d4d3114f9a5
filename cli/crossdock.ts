#!/usr/bin/env node
/** The `crossdock` command. Each command is thin over runtime/. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { keepReadings } from '../runtime/definitions/read-cache.ts';
import { asCoded } from '../runtime/errors/coded-error.ts';
import { lastDefence } from '../runtime/hub/last-defence.ts';

// Much of a short command's time is compiling code; where the folder cannot be written, it is compiled each time.
const cache = join(import.meta.dirname, '../node_modules/.cache/crossdock');
enableCompileCache(cache);

const usage = `crossdock <command>

  start                 the hub with its editor; stops on SIGTERM when the work at hand is done
  work                  the same hub without editor and admin API, beside others on the cluster profile
  demo [--json --exit]  signed sample webhooks through the whole hub, and what became of each
  trace <order>         every step of a business transaction, by order number or correlation id
  dead [list]           the exceptions that wait for a person; [--flow --code --since --until --state --all
                        --limit --after]
  dead show ID          one of them whole: its tries, facts and message; [--data]
  dead replay ID…       sends them again; or --flow --code --since --until; [--edit FILE --per-second N]
  dead discard ID…      gives them up, with --reason "…"
                        --json where a program reads it, --by for who does it, times as 2h or 2026-11-25T10:00
  rerun ID              runs an accepted webhook again, by the id of its answer: what was done is not done twice; [--by]
  process [list]        the business processes; [--process --state --attention --limit --after --json]; show NUMBER,
                        pause NUMBER, resume NUMBER, release NUMBER (a hold), compensate NUMBER (takes back what was
                        done); [--by]
  lint [file…]          what is wrong in the flow files; ends with 1 when there is an error; [--json --env NAME]
  fmt [--check] [files] the flow files in canonical form; --check only names those that are not
  test [flow…]          runs the flow tests beside the flows; ends with 1 when one fails; [--json --coverage]
  diff [FROM [TO]]      what changed, by meaning, since the last release; FROM and TO are versions, files, folders,
                        working, or env:NAME; [--json --html --exit-code]
  release [VERSION]     cuts a release of the flows and definitions, [--by --note "…" --json]; --list, show VERSION,
                        key (this hub's, for others to trust), trust FILE
  promote V --to ENV    sends a release there; [--by --break-glass "reason" --json]; rollback --to ENV [--version V]
  approve --to ENV      what waits there, as --by NAME with the password of CROSSDOCK_PASSWORD; [ID --json]
  status ENV            what runs there, its drift from the release, what waits; ends with 1 when there is drift
  token NAME            makes a token for this hub and shows it once; [--scope read|promote]
  user NAME --role R    makes a login for this hub, with the password of CROSSDOCK_PASSWORD
  docs                  writes what is made: docs/nodes.md, docs/errors.md, docs/asyncapi.json (all events), the schema
                        of flow files for editors
`;

const commands: Record<string, (args: string[]) => Promise<void>> = {
  async start() {
    const { startHub } = await import('./start.ts');
    const running = await startHub();
    process.stdout.write(`Crossdock runs: editor at ${running.url}, webhooks below ${running.url}/hooks\n`);
    onStop(() => running.stop());
    lastDefence(running.hub.log, () => running.stop());
  },
  async work() {
    const { startHub } = await import('./start.ts');
    const running = await startHub({ worker: true });
    process.stdout.write(`Crossdock works: webhooks below ${running.url}/hooks\n`);
    onStop(() => running.stop());
    lastDefence(running.hub.log, () => running.stop());
  },
  async demo(args) {
    const { values } = parseArgs({ args, options: { json: { type: 'boolean' }, exit: { type: 'boolean' } } });
    const { demo } = await import('./demo.ts');
    const stop = await demo({ json: values.json ?? false, exit: values.exit ?? false });
    if (values.exit) {
      await stop();
      process.exit(0);
    }
    onStop(stop);
  },
  async trace(args) {
    const { values, positionals } = parseArgs({
      args,
      options: { json: { type: 'boolean' } },
      allowPositionals: true,
    });
    const { trace } = await import('./journal.ts');
    await trace(positionals[0], values.json ?? false);
  },
  rerun: async (args) => (await import('./rerun.ts')).rerunCommand(args),
  async dead(args) {
    const { dead } = await import('./dead.ts');
    await dead(args);
  },
  process: async (args) => (await import('./process.ts')).process(args),
  async lint(args) {
    const { values, positionals } = parseArgs({
      args,
      options: { json: { type: 'boolean' }, env: { type: 'string' } },
      allowPositionals: true,
    });
    const { lint } = await import('./lint.ts');
    const clean = await lint(positionals, { json: values.json ?? false, environment: values.env });
    if (!clean) process.exitCode = 1;
  },
  async fmt(args) {
    const { values, positionals } = parseArgs({
      args,
      options: { check: { type: 'boolean' } },
      allowPositionals: true,
    });
    const { fmt } = await import('./fmt.ts');
    const changed = await fmt(positionals, { check: values.check ?? false });
    if (values.check && changed > 0) process.exitCode = 1;
  },
  async test(args) {
    const { values, positionals } = parseArgs({
      args,
      options: { json: { type: 'boolean', default: false }, coverage: { type: 'boolean', default: false } },
      allowPositionals: true,
    });
    const { test } = await import('./test.ts');
    process.exit((await test(positionals, values)) ? 0 : 1);
  },
  async diff(args) {
    const { values, positionals } = parseArgs({
      args,
      options: {
        json: { type: 'boolean', default: false },
        html: { type: 'boolean', default: false },
        'exit-code': { type: 'boolean' },
      },
      allowPositionals: true,
    });
    const { diff } = await import('./diff.ts');
    if ((await diff(positionals[0], positionals[1], values)) && values['exit-code']) process.exitCode = 1;
  },
  async release(args) {
    const { release } = await import('./release.ts');
    await release(args);
  },
  promote: async (args) => (await import('./promote.ts')).promote(args),
  approve: async (args) => (await import('./promote.ts')).approve(args),
  rollback: async (args) => (await import('./promote.ts')).rollback(args),
  status: async (args) => (await import('./promote.ts')).status(args),
  token: async (args) => (await import('./promote.ts')).token(args),
  user: async (args) => (await import('./promote.ts')).user(args),
  async docs() {
    const { writeDocs } = await import('./docs.ts');
    const { root } = await import('./project.ts');
    const written = await writeDocs(root);
    process.stdout.write(`${written.join('\n')}\n`);
  },
};

/** The first signal stops in order; a second one at once. */
function onStop(stop: () => Promise<void>): void {
  const once = (): void => {
    for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => process.exit(1));
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, once);
}

function fail(error: unknown): never {
  const { code: known, message: said } = error as { code?: unknown; message?: unknown };
  if (String(known).startsWith('ERR_PARSE_ARGS')) {
    const sentence = String(said).split('. ')[0];
    process.stderr.write(`REQUEST_INVALID: ${sentence}; crossdock --help lists what there is\n`);
    process.exit(2);
  }
  const { code, message, cause } = asCoded(error);
  process.stderr.write(`${code}: ${message}\n`);
  if (code === 'INTERNAL') process.stderr.write(`${cause instanceof Error ? cause.stack : String(cause)}\n`);
  process.exit(1);
}

if (existsSync('.env')) process.loadEnvFile('.env');
const [name = '', ...args] = process.argv.slice(2);
const command = commands[name];
if (!command || args.includes('--help')) {
  const isAsked = name === '' || name === '--help' || args.includes('--help');
  (isAsked ? process.stdout : process.stderr).write(usage);
  process.exit(isAsked ? 0 : 2);
}
if (['lint', 'fmt', 'test', 'diff', 'release'].includes(name)) keepReadings(join(cache, 'readings'));
await command(args).catch(fail);
