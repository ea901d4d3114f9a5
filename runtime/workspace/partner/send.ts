/** Sends a sample as the partner would, signed anew, and tells what became of it. */
import type { Kysely } from 'kysely';
import { CodedError } from '../../errors/coded-error.ts';
import type { Journal } from '../../journal/journal.ts';
import type { Tables } from '../../journal/tables.ts';
import { activeSecrets } from '../../partners/senders.ts';
import { search } from '../../tower/search.ts';
import { sign } from '../../verify/sign.ts';
import { optionsOf } from '../../verify/verify.ts';
import type { Signing } from './signing.ts';

export interface Sending {
  /** Without `/hooks`. */
  path: string;
  signing: Signing;
  body: string;
  /** The active ones, separated by blanks. */
  secrets: string;
  /** Where this hub listens. */
  port: number;
  host: string | undefined;
}

export interface Answer {
  status: number;
  code: string;
  message: string;
  /** Of the transaction. */
  id: string;
}

export async function sendSample({
  path,
  signing,
  body,
  secrets,
  port,
  host = '127.0.0.1',
}: Sending): Promise<Answer> {
  const [secret] = activeSecrets(secrets);
  if (secret === undefined)
    throw new CodedError(
      'SETTING_MISSING',
      'The partner has no secret here: make it first, or set its variable',
    );
  const { scheme, ...settings } = signing;
  const signed = sign(scheme, optionsOf({ windowSeconds: 300, header: '', ...settings }), secret, body);
  const where = host.includes(':') ? `[${host}]` : host;
  const response = await fetch(`http://${where}:${port}/hooks${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...signed.headers },
    body: new Uint8Array(signed.body),
  });
  const { code = '', message = '', id = '' } = (await response.json().catch(() => ({}))) as Partial<Answer>;
  return { status: response.status, code, message, id };
}

export interface Became {
  state: 'working' | 'landed' | 'waits';
  /** Of the order's page. */
  order?: string;
  /** Of the exception. */
  letter?: { href: string; code: string; reason: string };
  /** As the journal says it: `Sale order S00042`. */
  detail?: string;
}

export async function became(
  journal: Journal,
  db: Kysely<Tables>,
  id: string,
  number: string,
): Promise<Became> {
  const steps = await journal.trace({ correlationId: id });
  const end = steps.findLast(
    ({ outcome }) => outcome === 'landed' || outcome === 'exception' || outcome === 'refused',
  );
  if (!end) return { state: 'working' };
  const hits = await search(db, number);
  const order = hits.find((hit) => hit.order)?.href ?? hits[0]?.href;
  const exception = (await journal.letters({ state: 'open' })).find(
    ({ message }) => message.correlationid === id,
  );
  return {
    state: end.outcome === 'landed' ? 'landed' : 'waits',
    ...(order && { order }),
    ...(end.detail && { detail: end.detail }),
    ...(exception && {
      letter: {
        href: `/tower/letters/${encodeURIComponent(exception.id)}`,
        code: exception.code,
        reason: exception.reason,
      },
    }),
  };
}
