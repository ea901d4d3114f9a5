/** Sentences of an order: their words are in the catalogue, and so are the names of steps and teams that it knows. */
import type { Entry } from '../../../order/timeline.ts';
import { t, textOf } from '../../kit/text.ts';

export function stepName(step: string): string {
  return textOf(`orders.step.${step}`) ?? step;
}

export function teamName(team: string): string {
  return textOf(`orders.team.${team}`) ?? team;
}

/** Why somebody is asked, or what happened. */
export function sentence({ say, values }: Pick<Entry, 'say' | 'values'>): string {
  const { step, reaction, model, event } = values;
  const words = {
    ...values,
    ...(step !== undefined && !say.startsWith('did.') && { step: stepName(step) }),
    ...(reaction !== undefined && { reaction: textOf(`orders.reaction.${reaction}`) ?? reaction }),
  };
  const own = model ? textOf(`orders.${say}.${model}`, words) : undefined;
  const known = own ?? textOf(`orders.${say}`, words);
  return known ?? t('orders.event', { event: event ?? say });
}
