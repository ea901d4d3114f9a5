/** Webhook paths: literal segments and `:name`, which matches one segment. */
import { CodedError } from '../errors/coded-error.ts';

export interface Path {
  /** The path as it was written: `/hooks/:partner`. */
  pattern: string;
  segments: readonly string[];
}

/** Reads a path. Throws CodedError CONFIG_INVALID for one that is malformed. */
export function parsePath(pattern: string): Path {
  const segments = split(pattern);
  const valid = segments.every((segment) => /^(?::[A-Za-z_]\w*|[A-Za-z0-9._~-]+)$/.test(segment));
  if (!pattern.startsWith('/') || segments.length === 0 || !valid)
    throw new CodedError('CONFIG_INVALID', 'A webhook path is made like /hooks/shopify or /hooks/:partner', {
      path: pattern,
    });
  const names = segments.filter(isParam);
  if (new Set(names).size !== names.length)
    throw new CodedError('CONFIG_INVALID', 'A webhook path names each parameter once', { path: pattern });
  return { pattern, segments };
}

/** The parameters of a request path, or undefined where it does not match. A slash at the end makes no difference. */
export function matchPath(path: Path, requested: string): Record<string, string> | undefined {
  const given = split(requested);
  if (given.length !== path.segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [index, segment] of path.segments.entries()) {
    const text = decode(given[index]!);
    if (text === undefined || text === '') return undefined;
    if (isParam(segment)) params[segment.slice(1)] = text;
    else if (segment !== text) return undefined;
  }
  return params;
}

/** Sorts literal segments before parameters, so that `/hooks/shopify` wins over `/hooks/:partner`. */
export function moreSpecific(a: Path, b: Path): number {
  const rank = ({ segments }: Path) => segments.map((segment) => (isParam(segment) ? '1' : '0')).join('');
  return rank(a) < rank(b) ? -1 : rank(a) > rank(b) ? 1 : 0;
}

/** True when both match the same requests. */
export function sameShape(a: Path, b: Path): boolean {
  const shape = ({ segments }: Path) =>
    segments.map((segment) => (isParam(segment) ? ':' : segment)).join('/');
  return shape(a) === shape(b);
}

function split(path: string): string[] {
  return path.replace(/^\//, '').replace(/\/$/, '').split('/');
}

function isParam(segment: string): boolean {
  return segment.startsWith(':');
}

function decode(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
