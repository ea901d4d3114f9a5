/** A field of the message that an expression reads, and whether it is there: in this message, or in any that is known. */
import type { Shape } from './shape.ts';

export interface FieldNode {
  readonly name: string;
  readonly above: FieldNode | undefined;
  /** Undefined where this message has no such field. */
  readonly here: Shape | undefined;
  readonly known: Shape | undefined;
  readonly below: Map<string, FieldNode>;
}

export function rootField(here: Shape, known: Shape): FieldNode {
  return { name: '', above: undefined, here, known, below: new Map() };
}

export function fieldIn(above: FieldNode, name: string): FieldNode {
  const found = above.below.get(name);
  if (found) return found;
  const place: FieldNode = {
    name,
    above,
    here: below(above.here, name),
    known: below(above.known, name),
    below: new Map(),
  };
  above.below.set(name, place);
  return place;
}

function below(shape: Shape | undefined, name: string): Shape | undefined {
  return shape?.open ? shape : shape?.below.get(name);
}

/** `line_items.sku`; empty for the message itself. */
export function pathOf({ name, above }: FieldNode): string {
  if (!above) return '';
  const own = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `\`${name}\``;
  const rest = pathOf(above);
  return rest ? `${rest}.${own}` : own;
}

/** Whether messages are known to have it; `unsure` where nothing of what is above it is known. */
export function isKnown(place: FieldNode): boolean | 'unsure' {
  if (place.here || place.known) return true;
  const { above } = place;
  if (!above) return true;
  const shapes = [above.here, above.known].filter((one) => one !== undefined);
  // Only ever empty or nothing: what would be in it cannot be told.
  if (shapes.length > 0) return shapes.every(({ below: inside }) => inside.size === 0) ? 'unsure' : false;
  return isKnown(above) === 'unsure' ? 'unsure' : false;
}
