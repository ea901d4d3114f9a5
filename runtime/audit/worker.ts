/** The thread that reads the chain, once: it reads the store by itself, and ends. */
import { allRows, auditReader } from '../journal/audit.ts';
import { answer } from '../tower/aside.ts';
import type { Wanted } from './thread.ts';
import { verifyChain } from './verify.ts';

await answer((db, { checkpoints }: Wanted) => verifyChain(allRows(auditReader(db)), checkpoints));
