/** Runs an accepted webhook again at a terminal, by the id of its answer. */
import { userInfo } from 'node:os';
import { parseArgs } from 'node:util';
import { rerun } from '../runtime/dead/rerun.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { openStores } from '../runtime/hub/profile.ts';
import { print, storesHere } from './stores.ts';

const options = {
  by: { type: 'string', default: userInfo().username },
  json: { type: 'boolean', default: false },
} as const;

export async function rerunCommand(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
  const [id] = positionals;
  if (id === undefined || positionals.length > 1)
    throw new CodedError('REQUEST_INVALID', 'Say which one: crossdock rerun ID');
  const stores = await openStores(storesHere());
  try {
    const messages = await rerun(stores, id, values.by);
    const done = messages.map(({ id: event, type, subject }) => ({ id: event, type, subject }));
    if (values.json) return print(done);
    for (const one of done) process.stdout.write(`${one.subject}  ${one.type}  ${one.id}  sent again\n`);
  } finally {
    await stores.close();
  }
}
