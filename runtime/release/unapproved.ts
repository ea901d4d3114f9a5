/** A release on its way into an environment that asks for approved interfaces. */
import type { Environment } from '../environments/environment.ts';
import { CodedError } from '../errors/coded-error.ts';

/** Throws CodedError INTERFACE_UNAPPROVED that names them. */
export function refuseUnapproved(
  { environment, interfaces }: Pick<Environment, 'environment' | 'interfaces'>,
  unapproved: readonly string[],
): void {
  if (interfaces !== 'approved' || unapproved.length === 0) return;
  const shown = unapproved.slice(0, 5).join(', ');
  const more = unapproved.length > 5 ? ` and ${unapproved.length - 5} more` : '';
  throw new CodedError(
    'INTERFACE_UNAPPROVED',
    `${environment} asks for approved interfaces, and these are not: ${shown}${more}`,
    { interfaces: unapproved.length },
  );
}
