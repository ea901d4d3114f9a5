/** `crossdock suspicions`: what is unusual, whether it was worth a look, and the detectors that are muted. */
import { parseArgs } from 'node:util';
import { audited } from '../runtime/audit/audited.ts';
import { CodedError } from '../runtime/errors/coded-error.ts';
import type { Suspicion } from '../runtime/suspicions/decide.ts';
import { detectors, judge, keptSuspicions, unmute, type Detector } from '../runtime/suspicions/kept.ts';
import { suspicions as words } from '../runtime/tower/web/texts/en/suspicions.ts';
import { localUser } from './local-user.ts';
import { print, withJournal } from './stores.ts';

const flag = { type: 'boolean', default: false } as const;

export async function suspicions(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args,
    options: { json: flag, all: flag, by: { type: 'string', default: localUser() } },
    allowPositionals: true,
  });
  const [name = 'list', which = '', partner = ''] = positionals;
  const { by } = values;
  if (name === 'list') return list(values);
  if (name === 'useful' || name === 'useless')
    return withJournal(async ({ audit, documents }) => {
      const entry = { who: by, act: 'suspicion.judge', object: `suspicion/${which} ${name}` } as const;
      const judged = await audited(audit, entry, () =>
        judge(documents, which, { useful: name === 'useful', by }, new Date()),
      );
      process.stdout.write(`${judged.id} rated ${name === 'useful' ? 'useful' : 'not useful'}\n`);
    });
  if (name === 'unmute')
    return withJournal(async ({ audit, documents }) => {
      const entry = { who: by, act: 'suspicion.judge', object: `detector/${which}/${partner}` } as const;
      await audited(audit, entry, () => unmute(documents, { kind: which, partner, by }, new Date()));
      process.stdout.write(`${which} reports suspicions of ${partner} again\n`);
    });
  throw new CodedError(
    'REQUEST_INVALID',
    `There is no command suspicions ${name}: list, useful, useless, unmute`,
  );
}

async function list({ json, all }: { json: boolean; all: boolean }): Promise<void> {
  const [kept, known] = await withJournal(async ({ documents }) => [
    await keptSuspicions(documents),
    await detectors(documents),
  ]);
  const shown = kept.filter(({ ended }) => all || ended === undefined);
  const muted = known.filter((one) => one.muted !== undefined);
  if (json) return print({ suspicions: shown, muted });
  const lines = [...shown.flatMap(linesOf), ...muted.map(mutedLine)];
  process.stdout.write(`${lines.join('\n') || 'Nothing unusual'}\n`);
}

function linesOf(one: Suspicion): string[] {
  const { id, kind, metric, partner, subject, since, ended, judged, orders } = one;
  const state = ended === undefined ? 'ongoing' : `ended ${ended}`;
  const said = judged ? `; ${judged.useful ? 'useful' : 'useless'} (${judged.by})` : '';
  const about = [words[`metric.${metric}`], subject].filter(Boolean).join(' ');
  return [
    `${id}  ${partner}  ${words[`kind.${kind}`]}: ${about}  since ${since}, ${state}${said}`,
    `  observed ${rounded(one.observed)}, expected ${rounded(one.expected)}, score ${rounded(one.score)}, from ${one.points} points`,
    ...(orders.length > 0 ? [`  orders ${orders.map(({ number }) => number).join(', ')}`] : []),
  ];
}

function mutedLine({ kind, partner, muted, judged, useful }: Detector): string {
  return `${words[`kind.${kind}`]} has been muted for ${partner} since ${muted}: ${useful} of ${judged} rated suspicions were useful; crossdock suspicions unmute ${kind} ${partner}`;
}

const rounded = (value: number): string => String(Number(value.toPrecision(4)));
