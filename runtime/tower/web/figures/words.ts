/** A figure in words: its value, what is wanted, and whether that is so. */
import type { Figure } from '../../../figures/figures.ts';
import { duration, percent } from '../kit/format.ts';
import { t } from '../kit/text.ts';

export const shareOf = (value: number | null): string => (value === null ? '–' : percent(value, 1));

export const valueOf = ({ value }: Figure): string => shareOf(value);

export function aimOf({ better, target, within }: Figure): string {
  const wanted = percent(target, 2);
  const kind = better === 'more' ? 'least' : 'most';
  if (!within) return t(`figures.${kind}`, { target: wanted });
  return t(`figures.${kind}Within`, { target: wanted, within: limitOf(within) });
}

const seconds: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

function limitOf(within: string): string {
  const count = Number.parseInt(within, 10);
  const unit = seconds[within.at(-1)!];
  if (within.endsWith('days') || unit === undefined) return t('figures.businessDays', { count });
  return duration(count * unit);
}

export function stateOf({ met, missing }: Figure): string {
  if (missing === 'clear') return t('figures.clear');
  if (met === null) return t('figures.open');
  return t(met ? 'figures.met' : 'figures.missed');
}

export function colourOf({ met }: Figure): string {
  if (met === null) return '';
  return met ? 'good' : 'bad';
}
