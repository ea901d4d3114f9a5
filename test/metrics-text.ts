/** Reads the text that /metrics answers. */

/** The value of a series, as it stands in the text: `name{label="word"}`. */
export function valueIn(text: string, series: string): number | undefined {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}
export const seriesIn = (text: string): string[] => text.split('\n').filter((line) => /^[a-z]/.test(line));
