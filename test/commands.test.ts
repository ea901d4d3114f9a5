import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commands } from '../cli/commands.ts';

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

  it('--help reads the table of commands, and no package', () => {
    for (const args of [['--help'], ['dead', '--help'], ['nonsense']]) {
      const { packages, own, stdout, stderr } = run(...args);
      assert.match(stdout + stderr, /^crossdock <command>/);
      assert.deepEqual({ packages, own }, { packages: [], own: 3 }, args.join(' '));
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
      assert.ok(own < 60, `${args.join(' ')} reads ${own} files`);
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
    assert.deepEqual(run('token', 'reader').packages, []);
  });
});

describe('the help', () => {
  const help = (...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'cli/crossdock.js'), ...args], { encoding: 'utf8' }).stdout;

  it('of all has a line for each command; of one its own lines', () => {
    const all = help('--help');
    for (const name of Object.keys(commands)) assert.match(all, new RegExp(`^  ${name}\\b`, 'm'));
    const ofDead = help('dead', '--help').split('\n').slice(2, -1);
    assert.equal(ofDead.length, commands['dead']!.help.flatMap(([, ...lines]) => lines).length);
    for (const line of ofDead) assert.ok(all.includes(`${line}\n`));
  });

  it('fits a terminal of 120 columns, with the columns in line', () => {
    for (const line of help('--help').split('\n').slice(2, -1)) {
      assert.ok(line.length <= 120, line);
      assert.match(line, /^ {2}[a-z ].{20} \S/);
    }
  });
});
