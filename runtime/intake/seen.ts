/** The last webhooks this hub has seen where flows are made: in memory, few and small, and never a signature. */
import type { Unverified } from '../verify/scheme.ts';

export interface SeenWebhook {
  id: string;
  flow: string;
  /** Below `/hooks`. */
  path: string;
  at: string;
  headers: Record<string, string>;
  body: string;
}

const most = 50;
const mostBytes = 5 * 1024 * 1024;
/** A larger one is no sample. */
const largest = 1024 * 1024;

export class Seen {
  #all: (Omit<SeenWebhook, 'body'> & { raw: Buffer })[] = [];
  #bytes = 0;

  add(id: string, flow: string, path: string, { rawBody, headers, receivedAt }: Unverified): void {
    if (rawBody.length > largest) return;
    const at = new Date(receivedAt).toISOString();
    this.#all.unshift({ id, flow, path, at, headers: harmless(headers), raw: rawBody });
    this.#bytes += rawBody.length;
    while (this.#all.length > most || this.#bytes > mostBytes) this.#bytes -= this.#all.pop()!.raw.length;
  }

  /** The newest first. */
  list(): SeenWebhook[] {
    return this.#all.map(({ raw, ...one }) => ({ ...one, body: raw.toString() }));
  }
}

const telling = /^content-type$|topic|event|resource|version|shop-domain|delivery|triggered/;
const private_ = /sig|hmac|auth|cookie|token|secret|key|digest|bearer|pass|ip$/;

/** What says which message it is. A header that could prove who sent it is none of them. */
function harmless(headers: Unverified['headers']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => {
      const plain = name.toLowerCase();
      return typeof value === 'string' && telling.test(plain) && !private_.test(plain)
        ? [[plain, value]]
        : [];
    }),
  );
}
