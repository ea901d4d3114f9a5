/** One sample, as it stands in its file. */
import { CodedError } from '../errors/coded-error.ts';
import { exactJson } from '../verify/exact-json.ts';

export interface Sample {
  /** The flow whose webhook it came to. */
  source: string;
  /** What its sender calls it. */
  event?: string;
  /** Of the webhook, below `/hooks`. */
  path: string;
  taken: string;
  /** Paths in the body whose value is not the sender's. */
  masked: string[];
  /** Paths that are personal by their name or form and were kept as they came. */
  kept?: string[];
  headers: Record<string, string>;
  /** A text where the partner sends no JSON. */
  body: unknown;
}

/** Throws CodedError FILE_INVALID. */
export function sampleOf(path: string, text: string): Sample {
  const invalid = (why: string) => new CodedError('FILE_INVALID', `${path} is no sample: ${why}`, { path });
  let value: unknown;
  try {
    value = exactJson(text);
  } catch {
    throw invalid('it is not JSON');
  }
  const { source, path: at, taken, masked, body } = (value ?? {}) as Partial<Sample>;
  const said = [source, at, taken].every((one) => typeof one === 'string');
  if (!said || !Array.isArray(masked) || body === undefined)
    throw invalid('it needs source, path, taken, masked and body');
  return value as Sample;
}
