/** How a partner signs. */
import type { SchemeName } from '../../verify/schemes.ts';
import type { SigningSettings } from '../../verify/verify.ts';

/** Settings of a webhook verify that are not its defaults. */
export interface Signing extends Partial<Omit<SigningSettings, 'windowSeconds'>> {
  scheme: SchemeName;
}
