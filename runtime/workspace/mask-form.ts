/** The fields of a form, as a browser sends it: `first_name=Robin&city=Oslo`. */
import { flat, type Piece, type Pieces } from './mask-pieces.ts';

/** Undefined where the text is none. */
export function formPieces(text: string): Pieces | undefined {
  if (!/^[^\s=&<{["]+=\S*$/.test(text.trim())) return undefined;
  const parts = text.trim().split(/([&=])/);
  const all: Piece[] = [];
  let name = '';
  for (const [at, part] of parts.entries()) {
    const value = decoded(part);
    if (value === undefined) return undefined;
    // The text before the first = of a pair is its name; what stands behind a second = is its value too.
    const isName = at === 0 || parts[at - 1] === '&';
    if (isName) name = value;
    const isValue = !isName && !/^[&=]$/.test(part);
    all.push({ names: isValue ? flat(name) : [], path: isValue ? `/${name}` : `name ${at}`, value });
  }
  return {
    all,
    render: (values) =>
      parts.map((part, at) => (values[at] === all[at]!.value ? part : encoded(values[at]!))).join(''),
  };
}

function decoded(part: string): string | undefined {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    return undefined;
  }
}

function encoded(value: string): string {
  return encodeURIComponent(value).replaceAll('%20', '+');
}
