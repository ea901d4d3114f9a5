import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commands } from '../cli/commands.ts';
import { completion } from '../cli/completion.ts';
import { helpOf, helpOfAll } from '../cli/help.ts';
import { manual } from '../cli/manual.ts';

const root = resolve(import.meta.dirname, '..');

/** Writes down which files a process has read as modules. */
const counting = `
  import { writeFileSync } from 'node:fs';
  import { registerHooks } from 'node:module';
  const loaded = [];
  registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
  process.on('exit', () => writeFileSync(process.env.TEST_LOADED, loaded.join('\\n')));`;

describe('what a command reads before it runs', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-commands-'));
    mkdirSync(join(dir, 'flows'));
  });
  after(() => rmSync(dir, { recursive: true }));

  const run = (...args: string[]) => {
    const file = join(dir, 'loaded');
    const importing = `--import=data:text/javascript,${encodeURIComponent(counting)}`;
    const env = {
      ...process.env,
      TEST_LOADED: file,
      CROSSDOCK_DATA: join(dir, 'data'),
      CROSSDOCK_FLOWS: join(dir, 'flows'),
      CROSSDOCK_RELEASES: join(dir, 'releases'),
      CROSSDOCK_PROFILE: 'embedded',
      CROSSDOCK_PASSWORD: '',
    };
    const done = spawnSync(process.execPath, [importing, join(root, 'cli/crossdock.js'), ...args], {
      env,
      cwd: dir,
      encoding: 'utf8',
    });
    const loaded = readFileSync(file, 'utf8').split('\n');
    const packages = loaded.flatMap((url) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1] ?? []);
    const own = loaded.filter((url) => url.startsWith(pathToFileURL(root).href) && !/node_modules/.test(url));
    return { ...done, packages: [...new Set(packages)].toSorted(), own: own.length };
  };

  it('--help reads the tables of commands, and no package', () => {
    const asked: [string[], RegExp, number][] = [
      [['--help'], /^crossdock <command>/, 5],
      [['dead', '--help'], /^crossdock dead/, 6],
      [['nonsense'], /^REQUEST_INVALID: There is no command nonsense\n/, 5],
    ];
    for (const [args, says, files] of asked) {
      const { packages, own, stdout, stderr } = run(...args);
      assert.match(stdout + stderr, says);
      assert.deepEqual({ packages, own }, { packages: [], own: files }, args.join(' '));
    }
  });

  it('the commands that look into the journal read what reads it, and nothing of flows and nodes', () => {
    const looks = [
      ['trace', '1001'],
      ['dead'],
      ['dead', 'show', 'x'],
      ['process'],
      ['rerun', 'x'],
      ['replay'],
    ];
    for (const args of looks) {
      const { packages, own } = run(...args);
      assert.deepEqual(packages, ['kysely'], args.join(' '));
      assert.ok(own < 84, `${args.join(' ')} reads ${own} files`);
    }
  });

  it('the commands that work on files read no server, driver or store', () => {
    const servers = 'node-red @node-red express pg amqplib amqp-connection-manager ioredis kysely pino'.split(
      ' ',
    );
    for (const args of [
      ['lint'],
      ['fmt', '--check'],
      ['diff', dir, dir],
      ['release', '--list'],
      ['status', 'test'],
    ]) {
      const { packages } = run(...args);
      assert.deepEqual(
        packages.filter((one) => servers.includes(one)),
        [],
        args.join(' '),
      );
    }
    // Its row in the audit needs the store.
    assert.deepEqual(run('token', 'reader').packages, ['kysely']);
  });
});

describe('the help', () => {
  const told = (...args: string[]) => helpOf(args[0]!, commands[args[0]!]!, manual[args[0]!]);

  it('of all has a line for each command', () => {
    const all = helpOfAll(commands);
    for (const name of Object.keys(commands)) assert.match(all, new RegExp(`^  ${name}\\b`, 'm'));
  });

  it('of one tells only that one: its options, one a line, and examples that name it', () => {
    for (const [name, { options = {}, examples }] of Object.entries(manual)) {
      const help = told(name);
      assert.match(help, new RegExp(`^crossdock ${name}\n`));
      for (const option of Object.keys(options)) assert.ok(help.includes(`\n  ${option}`), option);
      assert.ok(examples.length > 0);
      for (const [example] of examples) assert.ok(example.includes(`crossdock ${name}`), example);
    }
    assert.deepEqual(Object.keys(manual).toSorted(), Object.keys(commands).toSorted());
  });

  it('fits a terminal of 120 columns, with the columns in line', () => {
    const lines = helpOfAll(commands).split('\n').slice(2, -3);
    for (const line of lines) assert.match(line, /^ {2}[a-z ].{20} \S/);
    const all = [...lines, ...Object.keys(commands).flatMap((name) => told(name).split('\n'))];
    for (const line of all) assert.ok(line.length <= 120, line);
  });

  it('knows exactly the options that each command takes', () => {
    const script = `
      import util from 'node:util';
      import { syncBuiltinESMExports } from 'node:module';
      let taken;
      util.parseArgs = ({ options = {} }) => {
        for (const name of Object.keys(options)) taken.add(name);
        throw new Error('enough');
      };
      syncBuiltinESMExports();
      const { commands } = await import(${JSON.stringify(join(root, 'cli/commands.ts'))});
      const { manual } = await import(${JSON.stringify(join(root, 'cli/manual.ts'))});
      const all = {};
      for (const [name, command] of Object.entries(commands)) {
        taken = new Set();
        for (const word of ['', ...(manual[name]?.words ?? [])])
          await command.run(word ? [word, 'x'] : []).catch((error) => {
            if (error.message !== 'enough') throw error;
          });
        all[name] = [...taken].toSorted();
      }
      console.log(JSON.stringify(all));`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
      encoding: 'utf8',
    });
    assert.equal(stderr, '');
    const said = Object.entries(manual).map(([name, { options = {} }]) => [
      name,
      Object.keys(options)
        .map((option) => option.split(' ')[0]!.slice(2))
        .toSorted(),
    ]);
    assert.deepEqual(Object.fromEntries(said), JSON.parse(stdout));
  });
});

describe('a command that cannot be run as it was typed', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-typed-'));
    mkdirSync(join(dir, 'flows'));
    writeFileSync(join(dir, 'file'), '');
  });
  after(() => rmSync(dir, { recursive: true }));

  /** Its exit code, and what it says on standard error. */
  const run = (args: string, env: NodeJS.ProcessEnv = {}): [number | null, string] => {
    const { status, stderr } = spawnSync(
      process.execPath,
      [join(root, 'cli/crossdock.js'), ...args.split(' ')],
      {
        cwd: dir,
        encoding: 'utf8',
        timeout: 20_000,
        env: {
          ...process.env,
          CROSSDOCK_DATA: join(dir, 'data'),
          CROSSDOCK_FLOWS: join(dir, 'flows'),
          CROSSDOCK_PROFILE: 'embedded',
          CROSSDOCK_PORT: '0',
          ...env,
        },
      },
    );
    return [status, stderr];
  };
  const refuses = (args: string, env: NodeJS.ProcessEnv, status: number, says: RegExp): void => {
    const [ended, said] = run(args, env);
    assert.match(said, says, args);
    assert.doesNotMatch(said, /INTERNAL|\n {4}at /);
    assert.equal(ended, status, args);
  };

  it('is refused with what may have been meant', () => {
    refuses('trac 1001', {}, 2, /There is no command trac; did you mean trace\?/);
    refuses(
      'dead list --flw x',
      {},
      2,
      /Unknown option '--flw'; did you mean --flow\?\ncrossdock dead --help/,
    );
    refuses('start --prot 1', {}, 2, /Unknown option '--prot'/);
    refuses('test nope', {}, 1, /^REQUEST_INVALID: There are no tests of a flow nope/);
  });

  it('ends with 1 where nothing is known of what is asked for', () => {
    refuses('trace NOPE', {}, 1, /^Nothing is known of NOPE\n$/);
  });

  it('says of a wrong setting what to do, under a code', () => {
    const file = join(dir, 'file');
    refuses(
      'start',
      { CROSSDOCK_PORT: 'abc' },
      1,
      /^CONFIG_INVALID: CROSSDOCK_PORT is a number from 0 to 65535/,
    );
    refuses('start', { CROSSDOCK_PORT: '99999' }, 1, /^CONFIG_INVALID: CROSSDOCK_PORT is a number/);
    refuses(
      'start',
      { CROSSDOCK_DATA: file },
      1,
      /^CONFIG_INVALID: .* is a file: set CROSSDOCK_DATA to a folder/,
    );
    refuses('trace 1', { CROSSDOCK_DATA: file }, 1, /^CONFIG_INVALID: .* is a file: set CROSSDOCK_DATA/);
    refuses('start', { CROSSDOCK_DATA: join(file, 'data') }, 1, /^CONFIG_INVALID: .* cannot be written/);
    refuses(
      'start',
      { CROSSDOCK_DEFINITIONS: join(dir, 'no') },
      1,
      /set CROSSDOCK_DEFINITIONS to the folder/,
    );
    refuses('lint', { CROSSDOCK_FLOWS: join(dir, 'no') }, 1, /set CROSSDOCK_FLOWS to the folder/);
    refuses('start', { CROSSDOCK_PROFILE: 'big' }, 1, /CROSSDOCK_PROFILE is embedded or cluster/);
    refuses('start', { CROSSDOCK_LOG_LEVEL: 'loud' }, 1, /CROSSDOCK_LOG_LEVEL is one of/);
    refuses(
      'start',
      { CROSSDOCK_PROFILE: 'cluster', AMQP_URL: '', REDIS_URL: '', DATABASE_URL: '' },
      1,
      /DATABASE_URL is not set/,
    );
  }).timeout(270_000);

  it('and so of a flows folder that is missing and of a port that is taken', async () => {
    refuses(
      'start',
      { CROSSDOCK_FLOWS: join(dir, 'no') },
      1,
      /CONFIG_INVALID: There is no folder .*CROSSDOCK_FLOWS/,
    );
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    refuses('start', { CROSSDOCK_PORT: String(port) }, 1, /CONFIG_INVALID: Port \d+ of 127.0.0.1 is taken/);
    server.close();
  }).timeout(270_000);
});

describe('shell completion', () => {
  it('completes commands, the words after them, and their options in bash', () => {
    const words = (...typed: string[]): string[] => {
      const script = `${completion('bash', commands)}
        COMP_WORDS=(crossdock ${typed.map((word) => `"${word}"`).join(' ')}); COMP_CWORD=${typed.length}
        _crossdock; printf '%s\n' "\${COMPREPLY[@]}"`;
      return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split('\n');
    };
    assert.deepEqual(words('tr'), ['trace']);
    assert.deepEqual(words('dead', 'di'), ['discard']);
    assert.deepEqual(words('dead', 'replay', '--ed'), ['--edit']);
  });

  it('has a line for each command and option in zsh and fish, and refuses other shells', () => {
    for (const name of Object.keys(commands)) {
      assert.match(completion('zsh', commands), new RegExp(`\\b${name}\\b`));
      assert.match(completion('fish', commands), new RegExp(`-a ${name} -d '`));
    }
    assert.match(
      completion('fish', commands),
      /__fish_seen_subcommand_from dead' -l edit -r -d 'replay: sends/,
    );
    assert.throws(() => completion('cmd', commands), { code: 'REQUEST_INVALID' });
  });
});
