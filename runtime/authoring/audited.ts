/** Releases that are cut and sent, with their rows in the audit of the hub where flows are made. */
import type { Author, Cut } from './author.ts';
import type { Bundle } from '../release/bundle.ts';
import type { Promotion } from '../promotion/promotion.ts';
import { audited, hashed, type Auditing } from '../audit/audited.ts';

export function cutting(audit: Auditing, author: Pick<Author, 'cut'>, how: Cut): Promise<Bundle> {
  const object = how.version ? `release/${how.version}` : 'release';
  return audited(
    audit,
    { who: how.by, act: 'release.cut', object, ...hashed('reason', how.note) },
    () => author.cut(how),
    ({ manifest, digest }) => ({ object: `release/${manifest.version}`, after: digest }),
  );
}

export interface Sent {
  version: string;
  to: string;
  by: string;
  overrideReason?: string | undefined;
}

export function sending(
  audit: Auditing,
  author: Pick<Author, 'send'>,
  { version, to, by, overrideReason }: Sent,
): Promise<Promotion> {
  const object = `release/${version} to ${to}`;
  return audited(audit, { who: by, act: 'release.send', object, ...hashed('reason', overrideReason) }, () =>
    author.send(version, to, by, overrideReason),
  );
}
