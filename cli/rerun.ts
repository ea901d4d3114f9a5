/** Runs an accepted webhook again at a terminal, by the id of its answer. */
import { parseArgs } from 'node:util';
import { rerun, rerunSince } from '../runtime/dead/rerun.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openStores } from '../runtime/stores/profile.ts';
import { localUser } from './local-user.ts';
import { print, storesHere } from './stores.ts';

const options = {
  since: { type: 'string' },
  by: { type: 'string', default: localUser() },
  json: { type: 'boolean', default: false },
} as const;

export async function rerunCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [id] = positionals;
  const since = values.since === undefined ? undefined : (await import('./dead.ts')).timeOf(values.since);
  if (positionals.length !== (since === undefined ? 1 : 0))
    throw new CodedError('REQUEST_INVALID', 'Say which one: crossdock rerun ID, or all: --since 2h');
  const stores = await openStores(storesHere());
  try {
    if (since !== undefined) {
      const webhooks = await rerunSince(stores, since, values.by);
      return values.json ? print({ webhooks }) : void process.stdout.write(`${webhooks} sent again\n`);
    }
    if (id === undefined) return;
    const messages = await rerun(stores, id, values.by);
    const done = messages.map(({ id: event, type, subject }) => ({ id: event, type, subject }));
    if (values.json) return print(done);
    for (const one of done) process.stdout.write(`${one.subject}  ${one.type}  ${one.id}  sent again\n`);
  } finally {
    await stores.close();
  }
}
