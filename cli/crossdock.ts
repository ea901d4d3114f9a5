#!/usr/bin/env node
/** Runs the command that is asked for, or says what there is. What only a command needs is read when it runs. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';
import { cache, commands } from './commands.ts';

// npx keeps links to this file from when it was the first: then the cache begins here.
enableCompileCache(cache);

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
    if (mayNeedSecrets(name)) await takeSecrets();
    await command.run(args);
  } catch (error) {
    await (await import('./ending.ts')).fail(error, name);
  }
}

/** These ask nobody, and no store. */
function mayNeedSecrets(command: string): boolean {
  if (['init', 'add', 'upgrade', 'lint', 'fmt', 'test', 'diff', 'completion', 'docs'].includes(command))
    return false;
  const { env } = process;
  return (
    Object.keys(env).some((one) => one.endsWith('_FILE') || one.startsWith('CROSSDOCK_SECRETS_')) ||
    existsSync(join(env['CROSSDOCK_DATA'] ?? '.crossdock', 'secrets-kept.json'))
  );
}

async function takeSecrets(): Promise<void> {
  const [{ takeAnySources }, { places }] = await Promise.all([
    import('./variables.ts'),
    import('./project.ts'),
  ]);
  await takeAnySources(places());
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
