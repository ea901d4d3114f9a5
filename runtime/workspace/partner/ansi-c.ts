/** The escapes of a shell's $'…', as bash knows them and as browsers write them. */

const named: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  E: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const escape =
  /((?:\\x[0-9A-Fa-f]{1,2}|\\[0-7]{1,3})+)|\\u([0-9A-Fa-f]{1,4})|\\U([0-9A-Fa-f]{1,8})|\\c(.)|\\(.)/gs;

export function unescaped(text: string): string {
  return text.replaceAll(
    escape,
    (all, bytes?: string, unit?: string, point?: string, control?: string, one?: string) => {
      if (bytes !== undefined) return textOf(bytes);
      // Browsers write an emoji as its two halves.
      if (unit !== undefined) return String.fromCharCode(Number.parseInt(unit, 16));
      if (point !== undefined) {
        const code = Number.parseInt(point, 16);
        return code <= 0x10ffff ? String.fromCodePoint(code) : all;
      }
      if (control !== undefined) return String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f);
      return one === undefined ? all : (named[one] ?? (/["'?\\]/.test(one) ? one : all));
    },
  );
}

/** Bytes are UTF-8; Firefox writes a letter below 256 as one byte, which is none. */
function textOf(escapes: string): string {
  const bytes = [...escapes.matchAll(/\\x([0-9A-Fa-f]+)|\\([0-7]+)/g)].map(([, hex, octal]) =>
    hex === undefined ? Number.parseInt(octal!, 8) & 0xff : Number.parseInt(hex, 16),
  );
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(bytes));
  } catch {
    return String.fromCharCode(...bytes);
  }
}
