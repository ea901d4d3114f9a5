#!/usr/bin/env node
/** Runs a command, or shows the help. Code that only one command needs is loaded when that command runs. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { cache, commands } from './commands.ts';

// npx keeps links to this file from when it was the first: then the cache begins here.
enableCompileCache(cache);

/** These ask nobody, and no store. */
const withoutSecrets = new Set('init add upgrade lint fmt test diff completion docs'.split(' '));

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
const asksHelp = ['--help', '-h'].some((one) => args.includes(one));
if (!command) await sayAll();
else if (asksHelp) {
  const [{ helpOf }, { manual }] = await Promise.all([import('./help.ts'), import('./manual.ts')]);
  process.stdout.write(helpOf(name, command, manual[name]));
} else {
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    if (!withoutSecrets.has(name)) await takeSecrets();
    await command.run(args);
  } catch (error) {
    await (await import('./ending.ts')).fail(error, name);
  }
}

/** What only the environment gives is there already. */
async function takeSecrets(): Promise<void> {
  const { env } = process;
  const [{ hasSources }, { places }] = await Promise.all([
    import('../runtime/secrets/sources.ts'),
    import('../runtime/app/project.ts'),
  ]);
  const here = places();
  if (hasSources(env, here.dataDir)) await (await import('../runtime/app/variables.ts')).takeSources(here);
}

async function sayAll(): Promise<void> {
  const { helpOfAll, meant } = await import('./help.ts');
  if (['', '--help', '-h', 'help'].includes(name)) return void process.stdout.write(helpOfAll(commands));
  const near = meant(name, Object.keys(commands));
  process.stderr.write(
    `REQUEST_INVALID: There is no command ${name}${near}\ncrossdock --help lists what there is\n`,
  );
  process.exitCode = 2;
}
