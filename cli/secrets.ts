/** `crossdock secrets`: which there are and when they end, and how they become others. Values are shown only where one is made. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { replaceFile, textOf } from '../runtime/files/durable.ts';
import { audited } from '../runtime/audit/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { listSecrets, type SecretRow } from '../runtime/secrets/list.ts';
import { secretNames } from '../runtime/secrets/names.ts';
import { rotateWebhook, webhookVariable } from '../runtime/secrets/rotation/rotate.ts';
import { answerFile, requestFile, type Answered } from '../runtime/secrets/rotation/watch.ts';
import { localUser } from './local-user.ts';
import { places } from './project.ts';
import { print, withJournal } from './stores.ts';
import { takeSources, takeVariables } from './variables.ts';

const flag = { type: 'boolean', default: false } as const;
const answerMs = 15_000;

interface Asked {
  overlap: string;
  take: boolean;
  by: string;
  json: boolean;
}

export async function secrets(args: string[]): Promise<void> {
  const options = {
    overlap: { type: 'string', default: '24h' },
    take: flag,
    by: { type: 'string', default: localUser() },
    json: flag,
  } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [verb = 'list', which = ''] = positionals;
  if (verb === 'list') return list(values.json);
  if (verb === 'reload') return reload(values);
  if (verb === 'rotate' && which === 'signing-key') return rotateKey(values);
  if (verb === 'rotate') return rotate(which, values);
  if (verb === 'renew') return renew(which, values);
  throw new CodedError('REQUEST_INVALID', 'Say what: crossdock secrets list|reload|rotate|renew');
}

async function list(json: boolean): Promise<void> {
  const { dataDir, definitionsDir } = places();
  const here = await takeSources({ dataDir, definitionsDir });
  takeVariables({ dataDir, definitionsDir });
  const { env } = process;
  const names = secretNames(definitionsDir, env);
  const rows = listSecrets({ secrets: here, env, dataDir, definitionsDir, names }, new Date());
  if (json) return print(rows);
  process.stdout.write(rows.map(line).join('') || 'The flows here name no secret\n');
}

function line(row: SecretRow): string {
  const { name, source, since, owner, overlap, trouble } = row;
  const said = [
    source ? `from ${source}` : 'NOT SET',
    since && `since ${since.slice(0, 10)}`,
    endText(row),
    overlap && `an old one holds until ${overlap.slice(0, 16)}`,
    owner && `of ${owner}`,
    trouble && `TROUBLE: ${trouble}`,
  ];
  return `${name.padEnd(28)} ${said.filter(Boolean).join(', ')}\n`;
}

function endText({ ends, daysLeft, soon }: SecretRow): string | undefined {
  if (ends === undefined || daysLeft === undefined) return undefined;
  if (daysLeft < 0) return `ENDED ${ends.slice(0, 10)}`;
  return `${soon ? 'ENDS' : 'ends'} ${ends.slice(0, 10)} (${daysLeft} days)`;
}

async function reload({ by, json }: Asked): Promise<void> {
  const { dataDir } = places();
  const id = randomUUID();
  await withJournal(({ audit }) =>
    audited(audit, { who: by, act: 'secret.reload', object: 'secrets' }, () =>
      replaceFile(requestFile(dataDir), JSON.stringify({ id, by }), 0o600),
    ),
  );
  const answer = await answered(dataDir, id);
  if (!answer)
    throw new CodedError('SECRETS_UNHEARD', `No hub with the data directory ${dataDir} has answered`, {
      dataDir,
    });
  if (json) return print(answer);
  const { changed, troubles } = answer;
  process.stdout.write(changed.length > 0 ? `Changed: ${changed.join(', ')}\n` : 'Nothing has changed\n');
  process.stderr.write(troubles.map(({ name, why }) => `${name}: ${why}\n`).join(''));
  if (troubles.length > 0) process.exitCode = 1;
}

async function answered(dataDir: string, id: string): Promise<Answered | undefined> {
  const end = Date.now() + answerMs;
  while (Date.now() < end) {
    const text = await textOf(answerFile(dataDir));
    const answer = text === undefined ? undefined : (JSON.parse(text) as Answered);
    if (answer?.id === id) return answer;
    await sleep(100);
  }
  return undefined;
}

async function rotate(which: string, { overlap, take, by, json }: Asked): Promise<void> {
  const overlapMs = await overlapOf(overlap);
  const { dataDir, definitionsDir } = places();
  const name = webhookVariable(which);
  const here = await takeSources({ dataDir, definitionsDir });
  takeVariables({ dataDir, definitionsDir });
  const taken = take ? await fromInput() : undefined;
  const { env } = process;
  const done = await withJournal(({ audit }) =>
    rotateWebhook({ secrets: here, env, dataDir, audit, by }, name, { taken, overlapMs }, new Date()),
  );
  if (json) return print(done);
  const { made, overlapUntil } = done;
  const shown = made === undefined ? '' : `${made}\n`;
  process.stdout.write(shown);
  process.stderr.write(
    `${made === undefined ? 'Taken' : 'Made: give it to the sender'}. Both hold until ${overlapUntil}; a hub that runs here takes it within seconds\n`,
  );
}

async function rotateKey({ by, json }: Asked): Promise<void> {
  const { rotateSigningKey } = await import('../runtime/release/succession.ts');
  const { dataDir } = places();
  const id = await withJournal(({ audit }) =>
    audited(
      audit,
      { who: by, act: 'key.rotate', object: 'key' },
      () => rotateSigningKey(dataDir, process.env, new Date()),
      (made) => ({ object: `key/${made}` }),
    ),
  );
  if (json) return print({ key: id });
  process.stdout.write(
    `${id} signs from now on. Hubs that trust the one before trust it with the next release\n`,
  );
}

async function renew(which: string, { overlap, take, by, json }: Asked): Promise<void> {
  if (which !== 'odoo')
    throw new CodedError('REQUEST_INVALID', 'What is renewed is the key of Odoo: secrets renew odoo');
  const { renewOdoo, stepsByHand } = await import('../runtime/secrets/rotation/renew-odoo.ts');
  const overlapMs = await overlapOf(overlap);
  const { dataDir, definitionsDir } = places();
  const here = await takeSources({ dataDir, definitionsDir });
  takeVariables({ dataDir, definitionsDir });
  const taken = take ? await fromInput() : undefined;
  const { env } = process;
  const done = await withJournal(({ audit }) =>
    renewOdoo({ secrets: here, env, dataDir, audit, by, overlapMs }, taken, new Date()),
  );
  if (!done) {
    process.stdout.write(stepsByHand);
    process.exitCode = 1;
    return;
  }
  if (json) return print(done);
  const ends = done.ends ? `, and ends ${done.ends.slice(0, 10)}` : '';
  process.stdout.write(`The new key works${ends}. The old one holds until ${done.overlapUntil}\n`);
}

/** The time in `--overlap`, in milliseconds. Throws CodedError REQUEST_INVALID. */
async function overlapOf(given: string): Promise<number> {
  if (!/^[1-9]\d{0,3}[mhd]$/.test(given))
    throw new CodedError('REQUEST_INVALID', '--overlap is a time: 30m, 24h, 7d');
  const { duration } = await import('../runtime/process/definition.ts');
  return duration(given);
}

/** Reads the secret from the input, never from an argument, which could be read in the list of processes. */
async function fromInput(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin) text += String(chunk);
  if (text.trim() === '')
    throw new CodedError('REQUEST_INVALID', '--take reads the new one from standard input, which is empty');
  return text.trim();
}
