/** The thread that counts figures, once: it reads the store and the definitions by itself, and ends. */
import { answer } from '../reader/aside.ts';
import { figures } from './figures.ts';
import { readKnown } from './known.ts';
import type { Wanted } from './thread.ts';

await answer((db, { definitionsDir, span }: Wanted) =>
  figures(db, readKnown(definitionsDir), span, new Date()),
);
