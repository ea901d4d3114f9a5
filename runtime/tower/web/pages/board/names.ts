/** Partners and warehouses by name; `-` stands for what is not known. */
import { t } from '../../kit/text.ts';

export function nameOf(name: string): string {
  return name === '-' ? t('orders.notKnown') : name;
}
