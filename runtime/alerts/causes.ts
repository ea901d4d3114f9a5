/** What is wrong at this moment: one cause each, however many orders it holds up. No I/O. */
import { codeOf, codes } from '../errors/codes.ts';
import type { Outside } from '../audit/trail/outside.ts';
import type { Figure, Figures } from '../figures/figures.ts';
import type { Overused } from '../interfaces/use/overused.ts';
import type { Tier } from '../limits/limits.ts';
import type { SecretRow } from '../secrets/list.ts';
import type { Health } from '../tower/health.ts';
import type { GlassLogin } from './break-glass.ts';
import type { Rates } from './rates.ts';

export interface Cause {
  /** The same for as long as it is the same cause. */
  id: string;
  /** In a sentence, for a person. */
  what: string;
  team: string;
  tier: Tier;
  /** Told once, however long it lasts. */
  once?: true;
  /** Causes that explain it: while one of them is there, this one is not told. */
  under?: readonly string[];
}

export interface Seen {
  health: Health;
  rates: Rates;
  figures?: Figures;
  secrets?: readonly SecretRow[];
  /** Why they cannot be listed. */
  secretsWrong?: string;
  /** Interfaces that are used after their sunset. */
  overused?: readonly Overused[];
  /** Where sign-on is set. */
  breakGlassLogins?: readonly GlassLogin[];
  audit?: Outside;
  tierOf(flow: string): Tier;
  /** The team of an error code in a flow. */
  teamOf(flow: string, code: string): string;
}

/** Through which notices go themselves: a channel that is away is no cause for another notice. */
export const alertQueue = 'crossdock-alerts';
/** From here on the oldest message of a queue is late. */
const OLD_MS: Record<Tier, number> = { critical: 15 * 60_000, standard: 3_600_000, bulk: 6 * 3_600_000 };
const FEW_DAYS = 7;
/** So many in an hour say something as a share; fewer only as a number. */
const MANY = 100;
const FEW_REFUSED = 5;
/** What is allowed in 30 days is gone in two days at this speed. */
const BURN = 14.4;

export function causesOf(seen: Seen, now: Date): Cause[] {
  const outages = outagesOf(seen);
  const away = outages.map(({ id }) => id);
  return [
    ...glassOf(seen),
    ...outages,
    ...consumersOf(seen),
    ...queuesOf(seen, away, now),
    ...storeOf(seen),
    ...secretsOf(seen),
    ...ratesOf(seen, now),
    ...missed(seen, away),
    ...overusedOf(seen),
    ...auditOf(seen),
  ];
}

function glassOf({ breakGlassLogins = [], teamOf }: Seen): Cause[] {
  return breakGlassLogins.map(({ who, at }) => ({
    id: `break-glass/${who}`,
    what: `The break-glass user ${who} has logged in past sign-on, at ${at}.`,
    team: teamOf('', 'SIGN_ON_ONLY'),
    tier: 'critical',
  }));
}

/** Odoo is one, whichever flow meets it; a partner is that of its flow. */
function outagesOf({ health, tierOf, teamOf }: Seen): Cause[] {
  const idOf = ({ flow, code }: { flow: string; code: string }) =>
    code.startsWith('ODOO_') ? `outage/${code}` : `outage/${code}/${flow}`;
  return [...Map.groupBy(health.outages, idOf)].map(([id, all]) => {
    const { flow, code } = all[0]!;
    const flows = [...new Set(all.map((one) => one.flow))].toSorted();
    return {
      id,
      what: `${flows.join(', ')} ${flows.length > 1 ? 'wait for their' : 'waits for its'} target: ${code}. ${laterOf(code)}`,
      team: teamOf(flow, code),
      tier: flows.some((one) => tierOf(one) === 'critical') ? 'critical' : tierOf(flow),
    };
  });
}

/** Of its messages. */
function laterOf(code: string): string {
  const known = codeOf(code);
  return known && !codes[known].retryable
    ? 'Messages wait until somebody mends it; what waits too long becomes an exception.'
    : 'Messages wait and go on by themselves.';
}

function consumersOf({ health, tierOf, teamOf }: Seen): Cause[] {
  return health.consumers
    .filter(({ failed }) => failed > 0)
    .map(({ flow, queue, code = '' }) => ({
      id: `consumer/${queue}`,
      what: `${flow} cannot take from its queue ${queue}: ${code}.`,
      team: teamOf(flow, code),
      tier: tierOf(flow),
    }));
}

function queuesOf({ health, tierOf, teamOf }: Seen, away: readonly string[], now: Date): Cause[] {
  return health.queues.flatMap(({ queue, oldest, ready }): Cause[] => {
    const consumer = health.consumers.find((one) => one.queue === queue);
    const flow = consumer?.flow ?? queue;
    const tier = tierOf(flow);
    const late = oldest !== undefined && now.getTime() - Date.parse(oldest) > OLD_MS[tier];
    if (!late || consumer?.paused || queue === alertQueue) return [];
    return [
      {
        id: `queue/${queue}`,
        what: `In the queue ${queue} a message waits since ${oldest}; ${ready} are ready${consumer ? '' : ', and nobody takes them'}.`,
        team: teamOf(flow, 'STORE_UNAVAILABLE'),
        tier,
        under: [...away, `consumer/${queue}`],
      },
    ];
  });
}

function storeOf({ health, teamOf }: Seen): Cause[] {
  const { daysLeft } = health.store;
  if (daysLeft === undefined || daysLeft >= FEW_DAYS) return [];
  const what = `The store has room for ${daysLeft} days at the growth of the last days.`;
  return [{ id: 'store', what, team: teamOf('', 'STORE_FULL'), tier: 'critical' }];
}

const ofSecret = 'secret/';

/** Whether what is seen says nothing of this cause, neither that it is nor that it is over. */
export function isUnknown(id: string, { secretsWrong }: Pick<Seen, 'secretsWrong'>): boolean {
  return secretsWrong !== undefined && id.startsWith(ofSecret);
}

/** One for each value: the next one is another cause. */
function secretsOf({ secrets = [], secretsWrong, teamOf }: Seen): Cause[] {
  if (secretsWrong !== undefined) return [wrongSecrets(secretsWrong, teamOf('', 'CONFIG_INVALID'))];
  return secrets.flatMap(({ name, owner, ends = '', daysLeft = 0, soon }): Cause[] => {
    if (!soon) return [];
    const day = ends.slice(0, 10);
    const what =
      daysLeft < 0
        ? `The secret ${name} ended on ${day}. Put the next one into its source.`
        : `The secret ${name} ends on ${day}. Renew it before: crossdock secrets.`;
    const team = owner ?? teamOf('', 'SETTING_MISSING');
    return [{ id: `${ofSecret}${name}/${day}`, what, team, tier: 'standard', once: true }];
  });
}

function wrongSecrets(why: string, team: string): Cause {
  const what = `Which secrets end soon cannot be told: ${why}.`;
  return { id: 'secrets', what, team, tier: 'standard' };
}

/** A place that missed one checkpoint may have the next. */
const FEW_TRIES = 2;

function auditOf({ audit, teamOf }: Seen): Cause[] {
  const broken = audit?.broken;
  const changed: Cause[] = broken
    ? [
        {
          id: 'audit',
          what: `Row ${broken.row} of the audit is not as it was written, seen since ${broken.since}: no checkpoint goes outside.`,
          team: teamOf('', 'AUDIT_BROKEN'),
          tier: 'critical',
        },
      ]
    : [];
  const away = (audit?.places ?? []).flatMap(({ name, failed }): Cause[] => {
    if (!failed || failed.tries < FEW_TRIES) return [];
    const what = `${name} takes no checkpoint of the audit since ${failed.since}: ${failed.code}.`;
    return [{ id: `audit/${name}`, what, team: teamOf('', 'AUDIT_BROKEN'), tier: 'standard' }];
  });
  return [...changed, ...away];
}

/** Where there are many webhooks, how fast what may be refused is used up; where there are few, how many were. */
function ratesOf({ rates, figures, tierOf, teamOf }: Seen, now: Date): Cause[] {
  const budget = figures?.figures.find(({ indicator }) => indicator === 'webhook-refusals')?.target ?? 0.01;
  const burns = ({ refused, count }: { refused: number; count: number }) =>
    count > 0 && refused / count >= BURN * budget;
  return rates.flatMap(({ flow, hour, minutes, silentSince, gapMs }): Cause[] => {
    const about = { team: teamOf(flow, 'STORE_UNAVAILABLE'), tier: tierOf(flow) };
    const many = hour.count >= MANY;
    const refusing = many
      ? burns(hour) && burns(minutes)
      : hour.refused >= FEW_REFUSED && minutes.refused > 0;
    const silent = silentSince !== undefined && gapMs !== undefined;
    return [
      ...(refusing
        ? [
            {
              ...about,
              id: `refusals/${flow}`,
              what: `${flow} refused ${hour.refused} of ${hour.count} webhooks within an hour.`,
            },
          ]
        : []),
      ...(silent && now.getTime() - Date.parse(silentSince) > 2 * gapMs
        ? [
            {
              ...about,
              id: `silent/${flow}`,
              what: `${flow} has taken no webhook since ${silentSince}: more than twice as long as it usually takes.`,
            },
          ]
        : []),
    ];
  });
}

function overusedOf({ overused = [] }: Seen): Cause[] {
  return overused.map(({ id, owner, tier, sunset }) => ({
    id: `interface/${id}`,
    what: `${id} is still used; its sunset was ${sunset}.`,
    team: owner,
    tier,
  }));
}

/** What stands missed, and is told by nothing else; refusals are told as they happen. */
function missed({ figures }: Seen, away: readonly string[]): Cause[] {
  const all = (figures?.figures ?? []).filter(
    ({ met, indicator, count }) => met === false && indicator !== 'webhook-refusals' && count >= FEW_COUNTED,
  );
  return all.map((figure) => ({
    id: `objective/${figure.indicator}`,
    what: `${figure.indicator} misses its objective: ${wordsOf(figure)}.`,
    team: figure.owner,
    tier: figure.tier,
    under: away,
  }));
}

/** Of fewer one more or less changes everything. */
const FEW_COUNTED = 20;

const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;

function wordsOf({ value, target, better, hits, count }: Figure): string {
  return `${percent(value!)}, ${hits} of ${count}, where ${better === 'more' ? 'at least' : 'at most'} ${percent(target)} is wanted`;
}
