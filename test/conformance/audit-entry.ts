/** A row of the audit as an act would write it. */
import type { AuditEntry } from '../../runtime/audit/acts.ts';
import { digestOf } from '../../runtime/signature/signature.ts';

export function entry(more: Partial<AuditEntry> = {}): AuditEntry {
  return {
    who: 'olga',
    from: 'http 127.0.0.1 POST /tower/api/letters/discard',
    act: 'letter.discard',
    object: 'letter/orders/shop/Größe "é"',
    outcome: 'begun',
    before: digestOf({ total: '10.00' }),
    reason: digestOf('sent twice'),
    ...more,
  };
}
