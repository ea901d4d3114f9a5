/** The values in a body that is no JSON, and the body with others in their place: forms, XML, and CSV with a header. */
import { csvPieces } from './mask-csv.ts';
import { xmlPieces } from './mask-xml.ts';

export interface Piece {
  /** The names that lead to it, the nearest last. */
  names: string[];
  /** What an attribute calls it: `<field name="phone">`. */
  label?: string;
  path: string;
  value: string;
}

export interface Pieces {
  all: readonly Piece[];
  /** `values`: one for each piece. */
  render(values: readonly string[]): string;
}

/** Undefined where the form of the text is not certain. */
export function piecesOf(text: string): Pieces | undefined {
  return formPieces(text) ?? xmlPieces(text) ?? csvPieces(text);
}

/** A bare `name` says whose it is by nothing: here it is a person's. */
export function flat(name: string): string[] {
  const names = name.split(/[.[\]]+/).filter((part) => part !== '' && !/^\d+$/.test(part));
  return names.length === 1 && /^name$/i.test(names[0]!) ? ['person', 'name'] : names;
}

/** As a form of a browser sends it: `first_name=Robin&city=Oslo`. */
function formPieces(text: string): Pieces | undefined {
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
