/** Die Namen der Teams. */
import type { Like } from '../wording.ts';
import type { teams as english } from '../en/teams.ts';

export const teams: Like<typeof english> = {
  it: 'IT',
  operations: 'Betrieb',
  warehouse: 'Lager',
  'customer-service': 'Kundendienst',
  finance: 'Buchhaltung',
};
