/** What definitions/interfaces.yaml asks of a webhook at the edge, and which paths are gone for good. */
import { edgeOf, gone, type Edge } from '../intake/edge.ts';
import { matchPath, parsePath } from '../intake/paths.ts';
import type { Entries } from './file.ts';
import { hookOf, webhookId } from './nodes.ts';

/** `path`: as a webhook in has it, below /hooks. Undefined: nothing beside what the webhook itself says. */
export function edgeFor(entries: Entries, path: string): Edge | undefined {
  const entry = entries.get(webhookId(path));
  if (!entry) return undefined;
  const { state, deprecated, sunset, edge } = entry;
  const ending = {
    retired: state === 'retired',
    ...(state === 'deprecated' && deprecated && { deprecated }),
    ...(state === 'deprecated' && sunset && { sunset }),
  };
  return edgeOf(edge, ending);
}

/** Throws CodedError INTERFACE_RETIRED for the path of a retired webhook that no flow has any more. */
export function refuseRetired(entries: Entries, requested: string): void {
  for (const [id, { state }] of entries) {
    const path = state === 'retired' ? hookOf(id) : undefined;
    if (path !== undefined && matchPath(parsePath(path), requested)) throw gone(path);
  }
}
