/** Variables that flows name and the environment lacks: told once, and known for as long as a running node lacks them. */
import type { Logger } from 'pino';
import { CodedError } from '../errors/coded-error.ts';

export interface Missing {
  /** `intake`: without it webhooks cannot be taken. Call what it gives when the node has gone. */
  add(variable: string, flow: string, intake: boolean): () => void;
  /** Throws CodedError SETTING_MISSING that names what webhooks cannot be taken without. */
  ready(): void;
}

export function missingSettings(log: Logger): Missing {
  const told = new Set<string>();
  const lacking = new Set<{ variable: string; flow: string; intake: boolean }>();
  return {
    add(variable, flow, intake) {
      if (!told.has(variable))
        log.error({ variable, flow }, `${variable} is not set: what needs it waits or is answered 503`);
      told.add(variable);
      const one = { variable, flow, intake };
      lacking.add(one);
      return () => lacking.delete(one);
    },
    ready() {
      const missing = [...lacking].filter(({ intake }) => intake);
      if (missing.length === 0) return;
      const names = [...new Set(missing.map(({ variable, flow }) => `${variable} (${flow})`))].toSorted();
      throw new CodedError('SETTING_MISSING', `Webhooks need what is not set: ${names.join(', ')}`, {
        missing: [...new Set(missing.map(({ variable }) => variable))].toSorted().join(' '),
      });
    },
  };
}
