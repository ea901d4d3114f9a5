#!/usr/bin/env node
/** Runs the command that is asked for, or says what there is. What only a command needs is read when it runs. */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { cache, commands, helpOf } from './commands.ts';

// npx keeps links to this file from when it was the first: then the cache begins here.
enableCompileCache(cache);

const [name = '', ...args] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
const isAsked = ['', '--help'].includes(name) || args.includes('--help');
if (!command || isAsked) {
  (isAsked ? process.stdout : process.stderr).write(helpOf(command ? [command] : Object.values(commands)));
  process.exitCode = isAsked ? 0 : 2;
} else {
  if (existsSync('.env')) process.loadEnvFile('.env');
  try {
    await command.run(args);
  } catch (error) {
    (await import('./ending.ts')).fail(error);
  }
}
