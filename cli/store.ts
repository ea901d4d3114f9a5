/** `crossdock store`: with which keys what the store holds is sealed; `crossdock store rekey`: with the one of now. */
import { parseArgs } from 'node:util';
import { audited } from '../runtime/audit/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { keySetting, oldKeysSetting, storeKeys } from '../runtime/seal/keys.ts';
import { rekey, standing, type Rekeyed, type Standing } from '../runtime/journal/rekey.ts';
import { localUser } from './local-user.ts';
import { print, withJournal } from './stores.ts';

export async function storeCommand(args: string[]): Promise<void> {
  const options = { json: { type: 'boolean', default: false } } as const;
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [word, ...more] = positionals;
  if ((word !== undefined && word !== 'rekey') || more.length > 0)
    throw new CodedError('REQUEST_INVALID', 'Say crossdock store, or crossdock store rekey');
  const keys = storeKeys();
  const key = keys?.current?.id;
  if (word === undefined) {
    const texts = await withJournal(standing);
    if (values.json) print({ key, texts });
    else process.stdout.write(standingText(texts, key));
    return;
  }
  if (!keys) throw new CodedError('CONFIG_INVALID', `Neither ${keySetting} nor ${oldKeysSetting} is set`);
  const entry = { who: localUser(), act: 'data.rekey', object: `key/${key ?? 'none'}` } as const;
  const done = await withJournal((journal) => audited(journal.audit, entry, () => rekey(journal, keys)));
  if (values.json) print({ key, ...done });
  else process.stdout.write(doneText(done, key));
  if (done.left > 0) process.exitCode = 1;
}

function standingText(texts: Standing, key: string | undefined): string {
  const lines = Object.entries(texts).flatMap(([table, counts]) =>
    Object.entries(counts)
      .toSorted()
      .map(([id, count]) => `${String(count).padStart(10)}  ${id.padEnd(8)}  ${table}`),
  );
  const now =
    key === undefined ? 'Nothing is sealed as it is written' : `Sealed with ${key} as it is written`;
  return `${[now, ...lines].join('\n')}\n`;
}

function doneText({ done, left, gone }: Rekeyed, key: string | undefined): string {
  const what = key === undefined ? 'opened' : `sealed with ${key}`;
  const lines = Object.entries(done).map(([table, count]) => `${String(count).padStart(10)}  ${table}`);
  const all = [
    ...(lines.length > 0 ? [`Texts that were ${what}:`, ...lines] : ['Nothing was to be done']),
    ...(left > 0 ? [`${left} changed at that moment: run it once more`] : []),
    ...gone.map((id) => `The key ${id} seals nothing any more`),
  ];
  return `${all.join('\n')}\n`;
}
