/** Numbers, money and times as the person who reads them writes them. */
import { language, t } from './text.ts';

/** The browser's own kind of the language that was chosen: en-GB rather than en. */
export function locale(): string {
  const chosen = language.get();
  return navigator.languages.find((one) => one.startsWith(chosen)) ?? chosen;
}

/** The amount is text from end to end, and is shown to the last digit. */
export function money(amount: string, currency: string | undefined): string {
  const style = currency ? { style: 'currency' as const, currency } : { minimumFractionDigits: 2 };
  try {
    const { maximumFractionDigits: usual = 2 } = new Intl.NumberFormat(locale(), style).resolvedOptions();
    const most = Math.max(usual, (/\.(\d*?)0*$/.exec(amount)?.[1] ?? '').length);
    return new Intl.NumberFormat(locale(), { ...style, maximumFractionDigits: most }).format(
      amount as unknown as number,
    );
  } catch {
    return currency ? `${amount} ${currency}` : amount;
  }
}

export function number(value: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { maximumFractionDigits: digits }).format(value);
}

export function percent(share: number, digits = 0): string {
  return new Intl.NumberFormat(locale(), { style: 'percent', maximumFractionDigits: digits }).format(share);
}

export function date(iso: string): string {
  return shown(iso, { dateStyle: 'medium' });
}

export function dateTime(iso: string): string {
  return shown(iso, { dateStyle: 'medium', timeStyle: 'short' });
}

export function time(iso: string): string {
  return shown(iso, { timeStyle: 'short' });
}

function shown(iso: string, style: Intl.DateTimeFormatOptions): string {
  // A day without a time is that day everywhere.
  const day = /^\d{4}-\d\d-\d\d$/.test(iso);
  const when = new Date(iso);
  if (Number.isNaN(when.getTime())) return iso;
  const zone = day ? { timeZone: 'UTC' } : {};
  return new Intl.DateTimeFormat(locale(), { ...(day ? { dateStyle: 'medium' } : style), ...zone }).format(
    when,
  );
}

const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
] as const;

/** The largest unit that fits: 3 days, 4 hours. */
export function duration(seconds: number): string {
  const [unit, size] = units.find(([, size]) => seconds >= size) ?? (['second', 1] as const);
  return new Intl.NumberFormat(locale(), { style: 'unit', unit, unitDisplay: 'long' }).format(
    Math.floor(seconds / size),
  );
}

/** How long ago, or in how long: 5 minutes ago, in 2 days. */
export function ago(iso: string, now = Date.now()): string {
  const seconds = Math.round((new Date(iso).getTime() - now) / 1000);
  const [unit, size] = units.find(([, size]) => Math.abs(seconds) >= size) ?? [];
  if (!unit || !size) return t('shell.now');
  return new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' }).format(Math.trunc(seconds / size), unit);
}
