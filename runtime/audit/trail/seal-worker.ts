/** The thread that reads the steps of a time, once, and ends. */
import { answer } from '../../reader/aside.ts';
import { sealOf, type Span } from './steps.ts';

await answer((db, { span }: { span: Span }) => sealOf(db, span));
