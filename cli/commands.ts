/** All commands: what `--help` says of each, and how it runs. Only what a command needs is read, when it runs. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';

export interface Command {
  /** How it is called, and what it does; a line each. */
  help: readonly (readonly [how: string, ...what: string[]])[];
  run(args: string[]): Promise<void>;
}

/** Of compiled code, as crossdock.js says too, and of what was read as YAML. */
export const cache = join(import.meta.dirname, '../node_modules/.cache/crossdock');

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;

export const commands: Record<string, Command> = {
  start: {
    help: [['start', 'the hub with its editor; stops on SIGTERM when the work at hand is done']],
    run: () => serve(false),
  },
  work: {
    help: [['work', 'the same hub without editor and admin API, beside others on the cluster profile']],
    run: () => serve(true),
  },
  demo: {
    help: [['demo [--json --exit]', 'signed sample webhooks through the whole hub, and what became of each']],
    async run(args) {
      const { values } = parseArgs({ args, options: { json: flag, exit: flag } });
      const { demo } = await import('./demo.ts');
      const stop = await demo(values);
      if (values.exit) {
        await stop();
        process.exit(0);
      }
      (await import('./ending.ts')).onStop(stop);
    },
  },
  trace: {
    help: [
      ['trace <order>', 'every step of a business transaction, by order number or correlation id; [--json]'],
    ],
    async run(args) {
      const { values, positionals } = parseArgs({ args, options: { json: flag }, allowPositionals: true });
      await (await import('./journal.ts')).trace(positionals[0], values.json);
    },
  },
  dead: {
    help: [
      [
        'dead [list]',
        'the exceptions that wait for a person; [--flow --code --since --until --state --all',
        '--limit --after]',
      ],
      ['dead show ID', 'one of them whole: its tries, facts and message; [--data]'],
      ['dead replay ID…', 'sends them again; or --flow --code --since --until; [--edit FILE --per-second N]'],
      [
        'dead discard ID…',
        'gives them up, with --reason "…"',
        '--json where a program reads it, --by for who does it, times as 2h or 2026-11-25T10:00',
      ],
    ],
    run: async (args) => (await import('./dead.ts')).dead(args),
  },
  replay: {
    help: [
      ['replay [list]', 'the replays of many exceptions, and what came of each; [--limit --after]'],
      [
        'replay plan ID…',
        'judges whether these may be sent again, or --issue, or --flow --code --since --until; sends',
        'nothing; [--per-second N]',
      ],
      ['replay show ID', 'what speaks against each message, how far the run is; [--verdict V --state S]'],
      [
        'replay run ID',
        'sends what is safe, one, then five, then twenty-five, then the rest; [--include VERDICT]…',
      ],
      [
        'replay approve ID',
        'agrees as a second person: --by NAME with the password of CROSSDOCK_PASSWORD;',
        'pause ID, resume ID, cancel ID; [--by --json]',
      ],
    ],
    run: async (args) => (await import('./replay.ts')).replay(args),
  },
  issues: {
    help: [
      [
        'issues [list]',
        'the work queue: exceptions and late processes by what is repaired once; [--team --state --person',
        '--code --flow --partner --after]; show ID, acknowledge ID, assign ID --person --team,',
        'wait ID --on --until, mute ID --reason --until, resume ID, note ID --note; [--by --json]',
      ],
    ],
    run: async (args) => (await import('./issues.ts')).issues(args),
  },
  rerun: {
    help: [
      [
        'rerun ID',
        'runs an accepted webhook again, by the id of its answer: what was done is not done twice; [--by]',
      ],
    ],
    run: async (args) => (await import('./rerun.ts')).rerunCommand(args),
  },
  process: {
    help: [
      [
        'process [list]',
        'the business processes; [--process --state --attention --limit --after --json]; show NUMBER,',
        'pause NUMBER, resume NUMBER, release NUMBER (a hold), compensate NUMBER (takes back what was',
        'done); [--by]',
      ],
    ],
    run: async (args) => (await import('./process.ts')).process(args),
  },
  prune: {
    help: [
      [
        'prune',
        'lets go what is older than its rule; [--json; --dry-run: only tells what would go; --rewrite:',
        'the file of an older embedded store becomes smaller from then on]',
      ],
    ],
    run: async (args) => (await import('./prune.ts')).pruneCommand(args),
  },
  erase: {
    help: [
      [
        'erase --customer C',
        'the personal data of one customer, by email or by the id of a partner (shopify/4711), leaves the',
        'journal; [--dry-run --by --json; --under-way: also what is still worked on]',
      ],
    ],
    run: async (args) => (await import('./erase.ts')).eraseCommand(args),
  },
  lint: {
    help: [
      [
        'lint [file…]',
        'what is wrong in the flow files; ends with 1 when there is an error; [--json --env NAME]',
      ],
    ],
    async run(args) {
      const options = { json: flag, env: text };
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      await keepReadings();
      const { lint } = await import('./lint.ts');
      if (!(await lint(positionals, { json: values.json, environment: values.env }))) process.exitCode = 1;
    },
  },
  fmt: {
    help: [
      ['fmt [--check] [files]', 'the flow files in canonical form; --check only names those that are not'],
    ],
    async run(args) {
      const { values, positionals } = parseArgs({ args, options: { check: flag }, allowPositionals: true });
      await keepReadings();
      const changed = await (await import('./fmt.ts')).fmt(positionals, values);
      if (values.check && changed > 0) process.exitCode = 1;
    },
  },
  test: {
    help: [
      [
        'test [flow…]',
        'runs the flow tests beside the flows; ends with 1 when one fails; [--json --coverage]',
      ],
    ],
    async run(args) {
      const options = { json: flag, coverage: flag };
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      await keepReadings();
      process.exit((await (await import('./test.ts')).test(positionals, values)) ? 0 : 1);
    },
  },
  diff: {
    help: [
      [
        'diff [FROM [TO]]',
        'what changed, by meaning, since the last release; FROM and TO are versions, files, folders,',
        'working, or env:NAME; [--json --html --exit-code]',
      ],
    ],
    async run(args) {
      const options = { json: flag, html: flag, 'exit-code': flag };
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      await keepReadings();
      const { diff } = await import('./diff.ts');
      if ((await diff(positionals[0], positionals[1], values)) && values['exit-code']) process.exitCode = 1;
    },
  },
  release: {
    help: [
      [
        'release [VERSION]',
        'cuts a release of the flows and definitions, [--by --note "…" --json]; --list, show VERSION,',
        "key (this hub's, for others to trust), trust FILE",
      ],
    ],
    async run(args) {
      await keepReadings();
      await (await import('./release.ts')).release(args);
    },
  },
  promote: {
    help: [['promote V --to ENV', 'sends a release there; [--by --break-glass "reason" --json]']],
    run: async (args) => (await import('./promote.ts')).promote(args),
  },
  rollback: {
    help: [['rollback --to ENV', 'takes the release before back into use there; [--version V --by --json]']],
    run: async (args) => (await import('./promote.ts')).rollback(args),
  },
  approve: {
    help: [
      [
        'approve --to ENV',
        'what waits there, as --by NAME with the password of CROSSDOCK_PASSWORD; [ID --json]',
      ],
    ],
    run: async (args) => (await import('./promote.ts')).approve(args),
  },
  status: {
    help: [
      [
        'status ENV',
        'what runs there, its drift from the release, what waits; ends with 1 when there is drift',
      ],
    ],
    run: async (args) => (await import('./promote.ts')).status(args),
  },
  token: {
    help: [['token NAME', 'makes a token for this hub and shows it once; [--scope read|promote]']],
    run: async (args) => (await import('./access.ts')).token(args),
  },
  user: {
    help: [
      [
        'user NAME --role R',
        'makes a login for this hub, with the password of CROSSDOCK_PASSWORD; [--team T, once for each',
        'of it, operations, warehouse, customer-service, finance that they are in]',
      ],
    ],
    run: async (args) => (await import('./access.ts')).user(args),
  },
  docs: {
    help: [
      [
        'docs',
        'writes what is made: docs/nodes.md, docs/errors.md, docs/asyncapi.json (all events), the schema',
        'of flow files for editors',
      ],
    ],
    async run() {
      const { writeDocs } = await import('./docs.ts');
      const { root } = await import('./project.ts');
      process.stdout.write(`${(await writeDocs(root)).join('\n')}\n`);
    },
  },
};

const column = 24;

export function helpOf(some: readonly Command[]): string {
  const lines = some.flatMap(({ help }) =>
    help.map(([how, ...what]) => `  ${how}`.padEnd(column) + what.join(`\n${' '.repeat(column)}`)),
  );
  return `crossdock <command>\n\n${lines.join('\n')}\n`;
}

async function serve(worker: boolean): Promise<void> {
  const { startHub } = await import('./start.ts');
  const { lastDefence } = await import('../runtime/hub/last-defence.ts');
  const { onStop } = await import('./ending.ts');
  const { url, hub, stop } = await startHub({ worker });
  const said = worker ? `Crossdock works: webhooks` : `Crossdock runs: editor at ${url}, webhooks`;
  process.stdout.write(`${said} below ${url}/hooks\n`);
  onStop(stop);
  lastDefence(hub.log, stop);
}

/** What was read as YAML is kept for the next run. */
async function keepReadings(): Promise<void> {
  (await import('../runtime/definitions/read-cache.ts')).keepReadings(join(cache, 'readings'));
}
