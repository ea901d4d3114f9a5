/** Who sends on a route, by the secret that matched, and whether it may speak for the source that its message names. */
import { CodedError } from '../errors/coded-error.ts';
import type { Partners, SentDocument } from './partners.ts';

/** An active secret, and the partner whose own it is. */
export interface Sender {
  secret: string;
  partner?: string;
}

export interface Senders {
  all: readonly Sender[];
  /** Variables of partners that have no value: what these partners send is refused. */
  missing: readonly string[];
}

/**
 * `shared` are secrets of senders that have no file. Throws CodedError CONFIG_INVALID where one secret would stand for
 * two senders.
 */
export function sendersOf(
  document: SentDocument,
  shared: readonly string[],
  { direct }: Pick<Partners, 'direct'>,
  env: NodeJS.ProcessEnv,
): Senders {
  const own = direct.filter(({ sends }) => sends.includes(document));
  const all: Sender[] = [
    ...own.flatMap(({ partner, variable }) =>
      activeSecrets(env[variable]).map((secret) => ({ secret, partner })),
    ),
    ...shared.map((secret) => ({ secret })),
  ];
  for (const { secret, partner } of all) {
    const other = all.find((one) => one.secret === secret && one.partner !== partner);
    if (other)
      throw new CodedError(
        'CONFIG_INVALID',
        `${[partner, other.partner].filter(Boolean).join(' and ')}: the secret is that of another sender too`,
      );
  }
  const missing = own.map(({ variable }) => variable).filter((name) => activeSecrets(env[name]).length === 0);
  return { all, missing };
}

/** Several while a secret is being changed. */
export function activeSecrets(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean);
}

/**
 * A partner says its own name; who has no file says one that nobody owns. Throws CodedError SOURCE_FORBIDDEN, or
 * SCHEMA_INVALID where the message names none.
 */
export function demandSource(
  payload: unknown,
  { partner }: Sender,
  reserved: (source: string) => boolean,
): void {
  const source = (payload as { source?: unknown } | null)?.source;
  if (typeof source !== 'string' || !/^[a-z][a-z0-9-]*$/.test(source))
    throw new CodedError('SCHEMA_INVALID', '/source: must be a name in lower case', { path: '/source' });
  if (partner === undefined ? !reserved(source) : source === partner) return;
  const message =
    partner === undefined
      ? `${source} has an intake or a secret of its own; this secret may not speak for it`
      : `The secret is that of ${partner}, the message says ${source}`;
  throw new CodedError('SOURCE_FORBIDDEN', message, { source, ...(partner && { partner }) });
}
