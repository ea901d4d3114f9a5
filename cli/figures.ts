/** `crossdock figures`: the figures of the business at a terminal, as the page Figures counts them. */
import { parseArgs } from 'node:util';
import { CodedError } from '../runtime/errors/coded-error.ts';
import { figures as counted, spans, type Figure, type Span } from '../runtime/figures/figures.ts';
import { readKnown } from '../runtime/figures/known.ts';
import { openJournal } from '../runtime/stores/profile.ts';
import { openReader } from '../runtime/reader/reader.ts';
import { figures as words } from '../runtime/tower/web/texts/en/figures.ts';
import { places } from '../runtime/app/project.ts';
import { print, storesHere } from './stores.ts';

const PATIENT_MS = 60_000;

export async function figures(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: { days: { type: 'string', default: '30' }, json: { type: 'boolean', default: false } },
  });
  const span = spans.find((one) => String(one) === values.days);
  if (!span) throw new CodedError('REQUEST_INVALID', `--days is one of ${spans.join(', ')}`);
  const told = await count(span);
  if (values.json) {
    const withFormula = told.figures.map((figure) => ({ ...figure, ...saidOf(figure) }));
    return print({ ...told, figures: withFormula });
  }
  const { process: name, from, to, figures } = told;
  const lines = figures.length > 0 ? figures.flatMap(linesOf) : [words.none];
  process.stdout.write(`${[`${name || '-'}, from ${from} to ${to}`, ...lines].join('\n')}\n`);
}

async function count(span: Span) {
  const stores = storesHere();
  const known = readKnown(places().definitionsDir);
  // Makes the store where there is none.
  await (await openJournal(stores)).close();
  const reader = await openReader({ ...stores, timeoutMs: PATIENT_MS });
  try {
    return await counted(reader.db, known, span, new Date());
  } finally {
    await reader.close();
  }
}

function saidOf({ indicator, date }: Figure): { formula: string; basis: string } {
  const basis = [words[`${indicator}.basis`], date && words[`date.${date}`]];
  return { formula: words[`${indicator}.formula`], basis: basis.filter(Boolean).join(' ') };
}

function linesOf(figure: Figure): string[] {
  const { indicator, value, better, target, within, met, hits, count, left, missing, worse } = figure;
  const aim = `${better === 'more' ? 'at least' : 'at most'} ${percent(target)}${within ? ` within ${within}` : ''}`;
  const state = met === null ? 'not measurable' : met ? 'met' : 'missed';
  const now =
    value === null ? words[`missing.${missing ?? 'nothing'}`] : `${percent(value)}, ${hits} of ${count}`;
  return [
    `${indicator}: ${state} (${aim})  ${now}${left > 0 ? `; ${left} more could not be measured` : ''}`,
    `  = ${saidOf(figure).formula}`,
    ...worse.map(
      ({ version, since, before, after, rollback }) =>
        `  worse since release ${version}: ${percent(after.value ?? 0)} since ${since}, ${percent(before.value ?? 0)} before` +
        (rollback && before.version ? `; crossdock rollback --to ENV --version ${before.version}` : ''),
    ),
  ];
}

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
