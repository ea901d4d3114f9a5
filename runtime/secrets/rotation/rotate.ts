/** A new secret for webhooks: beside the old ones until the overlap ends, so that nobody is refused meanwhile. */
import { randomBytes } from 'node:crypto';
import { audited, type Auditing } from '../../audit/audited.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { holding, printOf, writeKept, type KeptSecret } from '../kept.ts';
import { keptFile } from '../sources.ts';
import type { Secrets } from '../secrets.ts';

export interface Rotating {
  secrets: Pick<Secrets, 'baseOf'>;
  env: NodeJS.ProcessEnv;
  dataDir: string;
  audit: Auditing;
  by: string;
}

export interface Rotated {
  name: string;
  /** Only of one that was made here: it is given to the sender. */
  made?: string;
  /** ISO 8601, UTC. */
  overlapUntil: string;
}

/** `shopify` is SHOPIFY_WEBHOOK_SECRETS. Throws CodedError REQUEST_INVALID. */
export function webhookVariable(given: string): string {
  if (/^[A-Z][A-Z0-9_]*_WEBHOOK_SECRETS$/.test(given)) return given;
  if (/^[a-z][a-z0-9-]*$/.test(given)) return `${given.toUpperCase().replaceAll('-', '_')}_WEBHOOK_SECRETS`;
  throw new CodedError(
    'REQUEST_INVALID',
    'Say which: the name of a partner, or of a variable ..._WEBHOOK_SECRETS',
  );
}

/**
 * `taken`: the one that the sender gives; else one is made. Throws CodedError SETTING_MISSING where there is none to go on
 * from, REQUEST_INVALID for one that is no word or is there already.
 */
export async function rotateWebhook(
  { secrets, env, dataDir, audit, by }: Rotating,
  name: string,
  { taken, overlapMs }: { taken?: string | undefined; overlapMs: number },
  now: Date,
): Promise<Rotated> {
  const active = wordsOf(env[name] ?? '');
  if (active.length === 0)
    throw new CodedError('SETTING_MISSING', `${name} has no value here: set the first one in its source`, {
      name,
    });
  const value = taken ?? likeOf(active[0]!);
  if (!/^\S+$/.test(value) || active.includes(value))
    throw new CodedError('REQUEST_INVALID', 'A new secret is one word, and another than those that hold now');
  const file = keptFile(env, dataDir);
  const base = secrets.baseOf(name);
  const until = new Date(now.getTime() + overlapMs).toISOString();
  const next = (fresh: KeptSecret | undefined): KeptSecret => {
    const held = new Map(fresh?.old.map((one) => [one.value, one.until]));
    // Another one may have come in meanwhile.
    const present = fresh ? wordsOf(holding(fresh, base, now)) : active;
    // One that ends before stays with its end.
    const old = present.map((one) => ({ value: one, until: sooner(held.get(one), until) }));
    return {
      kind: 'webhook',
      value,
      since: now.toISOString(),
      ...(base !== undefined && { over: printOf(base) }),
      old,
    };
  };
  await audited(
    audit,
    { who: by, act: 'secret.rotate', object: `secret/${name}` },
    () => writeKept(file, name, next),
    () => ({}),
  );
  return { name, ...(taken === undefined && { made: value }), overlapUntil: until };
}

function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter(Boolean);
}

function sooner(a: string | undefined, b: string): string {
  return a !== undefined && a < b ? a : b;
}

/** As the scheme of the old one writes them. */
function likeOf(old: string): string {
  const bytes = randomBytes(32);
  return old.startsWith('whsec_') ? `whsec_${bytes.toString('base64')}` : bytes.toString('hex');
}
