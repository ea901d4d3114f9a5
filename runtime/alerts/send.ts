/** A notice on its way out: as each kind of channel takes it, signed where it can be. */
import type { Verdict } from '../broker/broker.ts';
import { CodedError } from '../errors/coded-error.ts';
import { exchange, NetworkError } from '../http/exchange.ts';
import { signature, standardKey } from '../verify/keys.ts';
import type { Notice } from './decide.ts';
import type { Channel } from './file.ts';
import { sendMail } from './mail.ts';

/** That the hub is there; a try of a channel; or what `decide` found. */
export type Told = Notice | { id: string; is: 'alive' | 'test'; what: string; at: string };

const LIMIT_MS = 10_000;
const DAY_MS = 86_400_000;
const first = 30_000;
const longest = 900_000;

export type Given = (name: string) => string | undefined;

/** Throws CodedError SETTING_MISSING, CONFIG_INVALID for a secret that is none, PARTNER_UNREACHABLE or PARTNER_REFUSED. */
export async function send(channel: Channel, told: Told, given: Given, now: Date): Promise<void> {
  if (channel.kind === 'email') {
    const [server, from, to] = [channel.server, channel.from, channel.to].map((one) => valueOf(one, given));
    return sendMail({ server: server!, from: from!, to: to!, id: told.id, text: sentenceOf(told) });
  }
  const url = valueOf(channel.url, given);
  const body = JSON.stringify(bodyOf(channel.kind, told));
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (channel.kind === 'webhook') {
    const seconds = String(Math.floor(now.getTime() / 1000));
    const key = standardKey(valueOf(channel.secret, given));
    headers['webhook-id'] = told.id;
    headers['webhook-timestamp'] = seconds;
    headers['webhook-signature'] = `v1,${signature(key, [`${told.id}.${seconds}.`, Buffer.from(body)])}`;
  }
  const { status } = await exchange(url, { method: 'POST', headers, body }, LIMIT_MS).catch(
    (cause: unknown) => {
      const why =
        cause instanceof NetworkError ? `${cause.failure} ${cause.reason}`.trim() : 'not a web address';
      throw new CodedError('PARTNER_UNREACHABLE', `The channel cannot be reached: ${why}`, {}, { cause });
    },
  );
  if (status < 200 || status > 299)
    throw new CodedError('PARTNER_REFUSED', `The channel answered ${status}`, { status });
}

function valueOf(written: string, given: Given): string {
  const name = written.slice(2, -1);
  const value = given(name);
  if (value) return value;
  throw new CodedError('SETTING_MISSING', `${name} has no value here`, { name });
}

function bodyOf(kind: 'webhook' | 'slack' | 'teams', told: Told): object {
  const text = sentenceOf(told);
  if (kind === 'slack') return { text };
  if (kind === 'webhook') return { ...told, text };
  const content = { type: 'AdaptiveCard', version: '1.4', body: [{ type: 'TextBlock', text, wrap: true }] };
  return {
    type: 'message',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content }],
  };
}

function sentenceOf(told: Told): string {
  if (!('since' in told)) return told.what;
  const { is, what, since, team } = told;
  if (is === 'resolved') return `Over (${team}), after it began ${since}: ${what}`;
  return `${is === 'raised' ? 'New' : 'Still'} (${team}), since ${since}: ${what}`;
}

/** It is tried again for a day, ever more seldom. */
export function verdictOf(told: Told, attempt: number, now: Date): Verdict | 'given up' {
  if (now.getTime() - Date.parse(told.at) > DAY_MS) return 'given up';
  return { do: 'again', afterMs: Math.min(longest, first * 2 ** (attempt - 1)) };
}
