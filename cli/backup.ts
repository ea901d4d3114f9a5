/** `crossdock backup FILE`, `crossdock restore FILE`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { auditedBackup, auditedRestore } from '../runtime/backup/audited.ts';
import type { BackedUp } from '../runtime/backup/backup.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { profileOf } from '../runtime/stores/profile.ts';
import { places } from '../runtime/app/project.ts';
import { commandActs } from './stores.ts';

export async function backupCommand(args: string[]): Promise<void> {
  const { positionals } = parseArgs({ args, allowPositionals: true });
  const file = fileOf(positionals, 'backup');
  const hub = here();
  commandActs();
  const { files } = await auditedBackup(file, hub);
  const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
  process.stdout.write(`${file}: ${files.length} files, ${Math.ceil(bytes / 1024)} KB before packing\n`);
}

export async function restoreCommand(args: string[]): Promise<void> {
  const options = { replace: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const hub = here();
  commandActs();
  const { created } = await auditedRestore(fileOf(positionals, 'restore'), hub, values.replace);
  process.stdout.write(`Restored as of ${created}\n`);
  if (hub.profile === 'cluster')
    process.stdout.write(
      'Where RabbitMQ lost its queues too: start the hub, then run crossdock rerun --since 7d\n',
    );
}

function here(): BackedUp {
  return { profile: profileOf(process.env), ...places(), env: process.env };
}

function fileOf(positionals: string[], command: string): string {
  const [file] = positionals;
  if (file && positionals.length === 1) return resolve(file);
  throw new CodedError('REQUEST_INVALID', `Say the file: crossdock ${command} FILE`);
}
