/** `crossdock erase`: the personal data of one customer leaves the journal, by request. */
import { parseArgs } from 'node:util';
import { audited } from '../runtime/audit/audited.ts';
import { openJournal } from '../runtime/stores/profile.ts';
import { erase, type Erased } from '../runtime/retention/erase.ts';
import { wantedOf } from '../runtime/retention/personal.ts';
import { localUser } from './local-user.ts';
import { print, storesHere } from './stores.ts';

const flag = { type: 'boolean', default: false } as const;
const text = { type: 'string' } as const;

export async function eraseCommand(args: string[]): Promise<void> {
  const options = { customer: text, by: text, 'dry-run': flag, 'under-way': flag, json: flag };
  const { values } = parseArgs({ args, options });
  const wanted = wantedOf(values.customer ?? '');
  const stores = storesHere();
  const journal = await openJournal(stores);
  try {
    const by = values.by ?? localUser();
    const work = () =>
      erase(journal, wanted, {
        by,
        now: new Date(),
        dryRun: values['dry-run'],
        underWay: values['under-way'],
      });
    // Whose data it was, nobody may read there: the marker stands with what was erased.
    const erased = values['dry-run']
      ? await work()
      : await audited(journal.audit, { who: by, act: 'data.erase', object: 'customer' }, work, (done) => ({
          object: `customer ${done.marker}`,
          ...(!done.done && { outcome: 'failed' as const }),
        }));
    const outside = outsideOf(stores.profile === 'cluster');
    if (values.json) print({ dryRun: values['dry-run'], ...erased, outside });
    else process.stdout.write(textOf(erased, values['dry-run'], outside));
    if (!erased.done && !values['dry-run']) process.exitCode = 1;
  } finally {
    await journal.close();
  }
}

/** What this command can not reach. */
function outsideOf(cluster: boolean): string[] {
  return [
    'Odoo: anonymise the contact there',
    'the systems of partners, and what was sent to them',
    ...(cluster
      ? ['messages that wait in queues of RabbitMQ', 'the write-ahead log and archives of PostgreSQL']
      : []),
    'backups of the store, and logs that were shipped elsewhere',
  ];
}

function textOf(
  { marker, rows, underWay, done }: Erased,
  dryRun: boolean,
  outside: readonly string[],
): string {
  const counts = Object.entries(rows).map(([table, count]) => `${String(count).padStart(8)}  ${table}`);
  const busy = underWay.map((one) => `  ${one}`);
  const told = done || dryRun;
  const heading = dryRun ? 'Rows that would change:' : `Erased; "${marker}" stands there instead. Rows:`;
  const lines = [
    ...(busy.length > 0 ? ['Still worked on, with data of this customer:', ...busy] : []),
    ...(told && counts.length > 0 ? [heading, ...counts] : []),
    ...(told && counts.length === 0 ? ['Nothing is known of this customer'] : []),
    ...(told
      ? []
      : ['Nothing was erased. Replay or discard the exceptions and let the orders end, or add --under-way']),
    'Not reached by this, and yours to look at:',
    ...outside.map((one) => `  ${one}`),
  ];
  return `${lines.join('\n')}\n`;
}
