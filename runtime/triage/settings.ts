/** Which language model writes drafts, if any: CROSSDOCK_TRIAGE_URL, _MODEL and _KEY. */
import { CodedError } from '../errors/coded-error.ts';

export interface Drafting {
  /** Of the call itself: `https://llm.example.com/v1/chat/completions`. */
  url: string;
  model: string;
  /** Sent as a bearer token. */
  key?: string;
}

const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** Undefined: off. Throws CodedError CONFIG_INVALID that names the variable, never its value. */
export function draftingOf(env: NodeJS.ProcessEnv): Drafting | undefined {
  const given = env['CROSSDOCK_TRIAGE_URL']?.trim();
  if (!given) return undefined;
  const url = URL.parse(given);
  const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && loopback.test(url.hostname));
  if (!url || !isSafe || url.username || url.password || url.search || url.hash)
    throw invalid(
      'CROSSDOCK_TRIAGE_URL',
      'is https://host/v1, without user and query; http only for this machine itself',
    );
  const model = env['CROSSDOCK_TRIAGE_MODEL']?.trim() ?? '';
  if (!/^[\w./:@+-]{1,100}$/.test(model))
    throw invalid('CROSSDOCK_TRIAGE_MODEL', 'names the model where CROSSDOCK_TRIAGE_URL is set');
  const key = env['CROSSDOCK_TRIAGE_KEY']?.trim() ?? '';
  if (!/^[\x21-\x7e]*$/.test(key)) throw invalid('CROSSDOCK_TRIAGE_KEY', 'is one word of plain characters');
  const path = url.pathname.replace(/\/+$/, '');
  return { url: `${url.origin}${path}/chat/completions`, model, ...(key && { key }) };
}

function invalid(setting: string, why: string): CodedError {
  return new CodedError('CONFIG_INVALID', `${setting} ${why}`, { setting });
}
