/** A field of the message that an expression reads, and whether it is there: in this message, or in any that is known. */
import type { Shape } from './shape.ts';

export interface Place {
  readonly name: string;
  readonly above: Place | undefined;
  /** Undefined where this message has no such field. */
  readonly here: Shape | undefined;
  readonly known: Shape | undefined;
  readonly below: Map<string, Place>;
}

export function rootPlace(here: Shape, known: Shape): Place {
  return { name: '', above: undefined, here, known, below: new Map() };
}

export function placeIn(above: Place, name: string): Place {
  const found = above.below.get(name);
  if (found) return found;
  const place: Place = {
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
export function pathOf({ name, above }: Place): string {
  if (!above) return '';
  const own = /^[\p{L}_][\p{L}\p{N}_]*$/u.test(name) ? name : `\`${name}\``;
  const rest = pathOf(above);
  return rest ? `${rest}.${own}` : own;
}

/** Whether messages are known to have it; `unsure` where nothing of what is above it is known. */
export function isKnown(place: Place): boolean | 'unsure' {
  if (place.here || place.known) return true;
  const { above } = place;
  if (!above) return true;
  const shapes = [above.here, above.known].filter((one) => one !== undefined);
  // Only ever empty or nothing: what would be in it cannot be told.
  if (shapes.length > 0) return shapes.every(({ below: inside }) => inside.size === 0) ? 'unsure' : false;
  return isKnown(above) === 'unsure' ? 'unsure' : false;
}
