/** `crossdock alerts`: what is wrong now, as it was told, and whether the channels take a notice. */
import { parseArgs } from 'node:util';
import { loadAlerting } from '../runtime/alerts/file.ts';
import { send } from '../runtime/alerts/send.ts';
import { keptAlerts } from '../runtime/alerts/watch.ts';
import { asCoded, CodedError } from '../runtime/errors/coded-error.ts';
import { places } from '../runtime/app/project.ts';
import { print, withJournal } from './stores.ts';
import { takeVariables } from '../runtime/app/variables.ts';

const flag = { type: 'boolean', default: false } as const;

/** `crossdock alerts`. False where a channel did not take the test. */
export async function alerts(args: string[]): Promise<boolean> {
  const { values, positionals } = parseArgs({
    args,
    options: { json: flag, channel: { type: 'string' } },
    allowPositionals: true,
  });
  const [name = 'list'] = positionals;
  if (name === 'list') return list(values.json);
  if (name === 'test') return test(values.channel);
  throw new CodedError('REQUEST_INVALID', `There is no command alerts ${name}: list, test`);
}

async function list(json: boolean): Promise<true> {
  const { alerts } = await withJournal(keptAlerts);
  const lines = alerts.map(
    ({ since, team, told, what }) => `${since}  ${team}  ${told ? 'told' : 'held back'}  ${what}`,
  );
  if (json) print(alerts);
  else process.stdout.write(`${lines.join('\n') || 'Nothing is known to be wrong'}\n`);
  return true;
}

/** Sends a test at once, without the queue, so that the answer of the channel is shown. */
async function test(only: string | undefined): Promise<boolean> {
  const here = places();
  const all = loadAlerting(here.definitionsDir)?.channels ?? new Map();
  if (only !== undefined && !all.has(only))
    throw new CodedError(
      'REQUEST_INVALID',
      `There is no channel ${only}: ${[...all.keys()].join(', ') || 'none'}`,
    );
  const chosen = [...all].filter(([name]) => only === undefined || name === only);
  if (chosen.length === 0) process.stdout.write('definitions/alerts.yaml has no channels: nobody is told\n');
  takeVariables(here);
  const now = new Date();
  const at = now.toISOString();
  const told = {
    id: `test/${at}`,
    is: 'test' as const,
    what: 'This is a test of Crossdock: nothing is wrong.',
    at,
  };
  let well = true;
  for (const [name, channel] of chosen) {
    const answer = await send(channel, told, (one) => process.env[one], now).then(
      () => 'taken',
      (error: unknown) => {
        well = false;
        const { code, message } = asCoded(error);
        return `${code}: ${message}`;
      },
    );
    process.stdout.write(`${name}: ${answer}\n`);
  }
  return well;
}
