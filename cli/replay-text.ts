/** Replays in words, the same as on the pages of the tower. */
import type { ReplayItem, ReplayShort, ReplayView } from '../runtime/replay/view.ts';
import { asText } from '../runtime/tower/web/texts/wording.ts';
import { replay } from '../runtime/tower/web/texts/en/replay.ts';

const said = (key: string, values: Record<string, string | number> = {}): string =>
  asText({ replay }, 'en', `replay.${key}`, values) ?? key;

const told = ['landed', 'failed', 'running', 'refused', 'cancelled', 'waiting'] as const;

export function shortText({ id, state, made, by, of, letters, run, counts }: ReplayShort): string {
  const what = of || said('chosen');
  const count = run?.letters ?? letters;
  return plain(
    `${id}  ${made}  ${said(`at-${state}`)}  ${count} × ${what}  ${countsText(counts)}  by ${run?.by ?? by}`,
  );
}

export function viewText(view: ReplayView): string {
  const { id, state, by, made, groups, versions, unknown, run, counts, codes, drainSeconds, perSecond } =
    view;
  const lines = [
    `${id}  ${said(`at-${state}`)}, planned by ${by} on ${made}`,
    ...groups.map(
      ({ verdict, letters, orders, money }) =>
        `  ${String(letters).padStart(6)}  ${verdict.padEnd(14)} ${said(`verdict-${verdict}`)}, orders: ${orders}${moneyText(money)}`,
    ),
    ...versions.map(
      ({ flow, was, now }) =>
        `  ${now === undefined ? said('versionUnknown', { flow, was }) : said('versionNow', { flow, was, now })}`,
    ),
    ...unknown.map((one) => `  ${said('unknown')}: ${said(`unknown-${one}`)}`),
    ...(drainSeconds > 0 ? [`  ${said('drain', { time: `${drainSeconds} s`, perSecond })}`] : []),
    ...(run ? [`  ${run.letters} chosen by ${run.by}: ${countsText(counts)}`] : []),
    ...Object.entries({ ...codes.failed, ...codes.refused }).map(([code, count]) => `    ${count} × ${code}`),
    ...stopText(view),
    ...nextText(view),
  ];
  return lines.map(plain).join('\n');
}

export function itemText({ subject, verdict, why, state, code, letter }: ReplayItem): string {
  const { key, ...facts } = why;
  const now = [said(`is-${state}`), code].filter(Boolean).join(' ');
  return plain(`  ${subject}  ${verdict}  ${said(`why-${key}`, facts)}  ${now}  ${letter}`);
}

function countsText(counts: ReplayView['counts']): string {
  return told
    .filter((name) => name !== 'waiting' || counts.waiting > 0)
    .map((name) => `${counts[name]} ${said(name).toLowerCase()}`)
    .join(', ');
}

function moneyText(sums: Record<string, string>): string {
  const all = Object.entries(sums).map(([currency, amount]) => `${amount} ${currency}`);
  return all.length > 0 ? `, ${all.join(' + ')}` : '';
}

function stopText({ state, run }: ReplayView): string[] {
  if (state === 'approval' && run)
    return [
      `  ${said('secondPerson')}`,
      ...run.needs.map(
        (need) =>
          `    ${said(`need-${need}`, { letters: run.letters, money: moneyText(run.money).slice(2) })}`,
      ),
    ];
  if (state !== 'stopped' || !run?.stopped) return [];
  const { stopped } = run;
  return [
    stopped.why === 'code'
      ? `  ${said('stoppedCode', { count: stopped.count, code: stopped.code })}`
      : `  ${said('stoppedShare', { landed: stopped.landed, of: stopped.of })}`,
  ];
}

const next: Partial<Record<ReplayView['state'], string>> = {
  planned: 'run',
  approval: 'approve',
  running: 'show',
  paused: 'resume',
  stopped: 'resume',
};

function nextText({ id, state }: ReplayView): string[] {
  const command = next[state];
  const hub = state === 'running' ? ['  The hub sends them: it has to run.'] : [];
  return command ? [...hub, `  npx crossdock replay ${command} ${id}`] : [];
}

/** Partners choose order numbers, and a terminal obeys control characters. */
function plain(line: string): string {
  return line.replaceAll(/\p{Cc}/gu, ' ');
}
