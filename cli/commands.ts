/** All commands: what `--help` says of each, and how it runs. Only what a command needs is read, when it runs. */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Command } from './command.ts';
import { environmentCommands } from './environment-commands.ts';

/** Of compiled code, as crossdock.js says too, and of what was read as YAML. */
export const cache = join(import.meta.dirname, '../node_modules/.cache/crossdock');

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;

export const commands: Record<string, Command> = {
  init: {
    help: [
      [
        'init FOLDER',
        'makes a hub of your own there; [--with shopify,woocommerce: takes these from the catalogue]',
      ],
    ],
    async run(args) {
      const options = { with: { ...text, multiple: true } } as const;
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      const wanted = (values.with ?? [])
        .flatMap((names) => names.split(','))
        .flatMap((name) => name.trim() || []);
      await (await import('./hub.ts')).init(positionals, wanted);
    },
  },
  add: {
    help: [
      ['add [NAME…]', 'takes partners and areas from the catalogue into this hub; without names, shows it'],
    ],
    async run(args) {
      const { positionals } = parseArgs({ args, allowPositionals: true });
      // `add partner shopify` and `add shopify` are the same.
      const names = positionals[0] === 'partner' ? positionals.slice(1) : positionals;
      await (await import('./hub.ts')).add(names);
    },
  },
  upgrade: {
    help: [['upgrade', 'merges what changed in the catalogue; ends with 1 where it cannot; [--dry-run]']],
    async run(args) {
      const { values } = parseArgs({ args, options: { 'dry-run': flag } });
      if (!(await (await import('./hub.ts')).upgrade({ dryRun: values['dry-run'] }))) process.exitCode = 1;
    },
  },
  start: {
    help: [['start', 'the hub with its editor; stops on SIGTERM when the work at hand is done']],
    run: (args) => serve(args, false),
  },
  work: {
    help: [['work', 'the same hub without editor and admin API, beside others on the cluster profile']],
    run: (args) => serve(args, true),
  },
  demo: {
    help: [['demo', 'signed sample webhooks through the whole hub, and what became of each']],
    async run(args) {
      const { values } = parseArgs({ args, options: { json: flag, exit: flag, fresh: flag, yes: flag } });
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
      const known = await (await import('./journal.ts')).trace(positionals[0], values.json);
      if (!known) process.exitCode = 1;
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
  alerts: {
    help: [
      ['alerts [list]', 'what is wrong now, as it is told by definitions/alerts.yaml; [--json]'],
      [
        'alerts test',
        'sends a test to each channel, and ends with 1 where one does not take it; [--channel NAME]',
      ],
    ],
    async run(args) {
      if (!(await (await import('./alerts.ts')).alerts(args))) process.exitCode = 1;
    },
  },
  figures: {
    help: [
      ['figures', 'how the business does, beside definitions/objectives.yaml; [--days 7, 30 or 90; --json]'],
    ],
    run: async (args) => (await import('./figures.ts')).figures(args),
  },
  suspicions: {
    help: [
      [
        'suspicions [list]',
        'what is unusual, before a person notices, and which detectors are muted; [--all --json]',
      ],
      [
        'suspicions useful ID',
        'says that it was worth a look, useless ID that it was not; unmute KIND PARTNER: it tells',
        'again; [--by]',
      ],
    ],
    run: async (args) => (await import('./suspicions.ts')).suspicions(args),
  },
  interfaces: {
    help: [
      [
        'interfaces [list]',
        'every webhook, event, EDI document, API and file: state, owner, data, and when it was used',
        'last; [--kind --state --owner --json]; show NAME: one of them whole',
      ],
      [
        'interfaces propose',
        'writes an entry for each that has none into definitions/interfaces.yaml; approve NAME…: [--by]',
      ],
    ],
    run: async (args) => (await import('./interfaces.ts')).interfaces(args),
  },
  rerun: {
    help: [
      [
        'rerun ID',
        'runs an accepted webhook again, by the id of its answer: what was done is not done twice; [--by]',
        '--since 2h instead of an ID: all that were accepted since, when the broker has lost its queues',
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
  reconcile: {
    help: [
      [
        'reconcile',
        'orders of partners, hub and Odoo, line by line, from the order to its money; ends with 1 where',
        'somebody has to act; [--cut-off T --since T --partner P --csv --json --out FILE]',
      ],
      ['reconcile purchases', 'the same of purchase orders, their receipts and bills'],
      [
        'reconcile stock',
        'stock of Odoo, of a warehouse and of the channels; [--statement FILE --warehouse WH: its count]',
      ],
      ['reconcile list', 'the runs that are kept; show ID, verify FILE (or ID): nobody changed it since'],
      [
        'reconcile explain B',
        'says why a break is so, with --note "…"; accept B: a second person; both --by NAME with the',
        'password of CROSSDOCK_PASSWORD',
      ],
    ],
    run: async (args) => (await import('./reconcile.ts')).reconcileCommand(args),
  },
  audit: {
    help: [
      [
        'audit [list]',
        'who did what, the newest first; [--who --act --object --limit --after --json]; export: all,',
        'as JSON lines or --csv',
      ],
      [
        'audit verify',
        'names the first row that anybody changed, and ends with 1; [--checkpoint FILE: against what',
        'was sent outside; --key FILE --rows FILE --json]; checkpoint: sends one outside now',
      ],
    ],
    run: async (args) => (await import('./audit.ts')).auditCommand(args),
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
  store: {
    help: [
      ['store', 'with which keys what the store holds is sealed, counted; [--json]'],
      [
        'store rekey',
        'seals all of it with the key of now, or opens it where there is none, while the hub runs; once',
        'more goes on where it was ended; [--json]',
      ],
    ],
    run: async (args) => (await import('./store.ts')).storeCommand(args),
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
  backup: {
    help: [['backup FILE', 'everything of this hub in one file, while it runs: store, keys, users, flows']],
    run: async (args) => (await import('./backup.ts')).backupCommand(args),
  },
  restore: {
    help: [['restore FILE', 'puts a backup back where no hub runs; [--replace: what is there goes]']],
    run: async (args) => (await import('./backup.ts')).restoreCommand(args),
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
        'runs the flow tests beside the flows; ends with 1 when one fails; [--json --coverage];',
        '--given FILE runs one message of a JSON file instead and tells what each node got and gave',
      ],
    ],
    async run(args) {
      const options = { json: flag, coverage: flag, given: { type: 'string' } } as const;
      const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
      await keepReadings();
      const wanted = { ...values, given: values.given };
      process.exit((await (await import('../runtime/app/test.ts')).test(positionals, wanted)) ? 0 : 1);
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
        "key (this hub's, for others to trust), succession, trust FILE",
      ],
    ],
    async run(args) {
      await keepReadings();
      await (await import('./release.ts')).release(args);
    },
  },
  ...environmentCommands,
  completion: {
    help: [['completion SHELL', 'what completes commands and options in bash, zsh or fish']],
    async run(args) {
      const { positionals } = parseArgs({ args, allowPositionals: true });
      process.stdout.write((await import('./completion.ts')).completion(positionals[0], commands));
    },
  },
  docs: {
    help: [
      [
        'docs',
        'writes what is made: docs/nodes.md, docs/errors.md, docs/asyncapi.json (all events), the schema',
        'of flow files for editors',
      ],
    ],
    async run(args) {
      parseArgs({ args });
      const { writeDocs } = await import('./docs.ts');
      const { checkout } = await import('../runtime/app/project.ts');
      process.stdout.write(`${(await writeDocs(checkout())).join('\n')}\n`);
    },
  },
};

async function serve(args: string[], worker: boolean): Promise<void> {
  parseArgs({ args });
  const { startHub } = await import('../runtime/app/start.ts');
  const { lastDefence } = await import('../runtime/hub/last-defence.ts');
  const { onStop } = await import('./ending.ts');
  const read = await keepReadings();
  const { url, hub, stop } = await startHub({ worker });
  read();
  const said = worker ? `Crossdock works: webhooks` : `Crossdock runs: editor at ${url}, webhooks`;
  process.stdout.write(`${said} below ${url}/hooks\n`);
  onStop(stop);
  lastDefence(hub.log, stop);
}

/** Keeps what was read as YAML for the next run, from the end of this one or from the call of what this gives. */
async function keepReadings(): Promise<() => void> {
  return (await import('../runtime/schema/read-cache.ts')).keepReadings(join(cache, 'readings'));
}
