/** The lines of an EDI text: what the way here broke into lines of one width is joined, before anything is read. */

/**
 * A text that was wrapped, at 80 columns as a rule, has lines of one width but the last. Ends of lines in any other
 * text stay: after a segment they mean nothing, and within one they are damage.
 */
export function unwrapped(text: string): string {
  // The end of a line is what ends each segment here.
  if (/^ISA[^\r\n]{102}[\r\n]/.test(text)) return text;
  const lines = text.split(/\r\n|\r|\n/);
  const last = lines.findLastIndex((line) => line.trim() !== '');
  const width = lines[0]!.length;
  const isWrapped =
    last > 0 &&
    (last > 1 || width < 106) &&
    lines.slice(0, last).every((line) => line.length === width) &&
    lines[last]!.length <= width;
  return isWrapped ? lines.slice(0, last + 1).join('') : text;
}

const isa =
  /ISA([^A-Za-z0-9\s])(?:[^]{2}\1[^]{10}\1){2}(?:[^]{2}\1[^]{15}\1){2}[^]{6}\1[^]{4}\1[^]\1[^]{5}\1[^]{9}\1[^]\1[^]\1[^]/;
const unb = /(?:UNA[^]{6}\s*)?UNB[^A-Za-z0-9\s]UNO[A-Z][^A-Za-z0-9\s]\d/;
/** However damaged it is, what comes after the end of one interchange is the next. */
const afterEnd = /(?=ISA|UN[AB])(?<=(?:IEA|UNZ)[^A-Za-z0-9\s]\w{1,35}[^A-Za-z0-9\s]\w{1,35}[^A-Za-z0-9]\s*)/;
const begin = new RegExp(`${isa.source}|(?<![A-Za-z0-9?])${unb.source}|${afterEnd.source}`, 'g');

/** The interchanges of a text, each for itself. */
export function interchangesOf(text: string): string[] {
  // Each may have been wrapped for itself.
  const whole = text
    .split(/(?<=[\r\n])(?=ISA|UN[AB])/)
    .map(unwrapped)
    .join('');
  const starts = [...whole.matchAll(begin)].map(({ index }) => index).filter((at) => at > 0);
  return [0, ...starts].map((at, n) => whole.slice(at, starts[n]));
}
