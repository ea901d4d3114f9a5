/** The work under way as a trace shows it. What is traced passes here; without a trace it does nothing. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { asCoded } from '../errors/coded-error.ts';

export type Kind = 'internal' | 'server' | 'client' | 'producer' | 'consumer';

export interface Part {
  name: string;
  /** Default internal. */
  kind?: Kind;
  /** Words of code and of files, numbers, and ids that the hub made: never what a message holds. */
  attributes?: Readonly<Record<string, string | number>>;
  /** Parts of other traces that it is also done for. */
  links?: readonly Span[];
}

export interface Span {
  readonly traceId: string;
  /** W3C Trace Context: by this whoever goes on finds it. */
  readonly traceparent: string;
  child(part: Part): Span;
  set(name: string, value: string | number): void;
  /** By its code. */
  failed(code: string): void;
  /** A second end changes nothing. */
  end(): void;
}

/** Where a trace begins, or goes on. */
export interface Root extends Part {
  /** It began already then. */
  at?: Date;
  /** A traceparent: it goes on there. */
  parent?: string;
  /** A traceparent: it begins anew, and names that. */
  link?: string;
}

export interface Tracing {
  /** Undefined while nobody takes what is sent. */
  begin(root: Root): Span | undefined;
  /** Sends what is left, as far as that is quick. */
  close(): Promise<void>;
}

const spans = new AsyncLocalStorage<Span | undefined>();

export function spanNow(): Span | undefined {
  return spans.getStore();
}

/** From now on this is under way, for what this turn does and begins. */
export function enterSpan(span: Span | undefined): void {
  if (spans.getStore() !== span) spans.enterWith(span);
}

/** As part of this span; of none, when it is undefined. */
export function within<T>(span: Span | undefined, work: () => T): T {
  return spans.getStore() === span ? work() : spans.run(span, work);
}

/** Work that begins by itself. What brought it here, of another message maybe, is not above it. */
export function traced<T>(
  tracing: Tracing | undefined,
  root: () => Root,
  work: () => Promise<T>,
): Promise<T> {
  const span = tracing?.begin(root());
  return within(span, () => (span ? ended(span, work()) : work()));
}

/** Work that is part of what is under way. It begins in this turn. */
export function timed<T>(part: () => Part, work: () => Promise<T>): Promise<T> {
  const around = spanNow();
  return around ? ended(around.child(part()), work()) : work();
}

/** Ends the span with the work, and notes a failure. */
export function ended<T>(span: Span, work: Promise<T>): Promise<T> {
  return work.then(
    (result) => {
      span.end();
      return result;
    },
    (error: unknown) => {
      span.failed(asCoded(error).code);
      span.end();
      throw error;
    },
  );
}

/** Work that is done once for several: part of the first, with links to the others. */
export function forAll<T>(
  all: readonly (Span | undefined)[],
  name: string,
  work: () => Promise<T>,
): Promise<T> {
  const [first, ...links] = new Set(all.filter((span) => span !== undefined));
  if (!first || links.length === 0) return within(first, work);
  const span = first.child({ name, links });
  return within(span, () => ended(span, work()));
}
