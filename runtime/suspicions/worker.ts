/** The thread that looks for what is odd, once: it reads the store by itself, and ends. */
import { answer } from '../reader/aside.ts';
import { detect } from './detect.ts';
import { readBasis } from './read.ts';
import type { Wanted } from './thread.ts';

await answer(async (db, { now, zone }: Wanted) => detect(await readBasis(db, new Date(now), zone), now));
