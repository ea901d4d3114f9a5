/** What the hub offers at a place of an expression, as the editor shows it. */
import type { CompleteAnswer } from '../../../../workspace/studio/complete.ts';
import type { RunWanted } from '../../../../workspace/studio/run.ts';
import { post } from '../../kit/api.ts';
import type { Suggestion, Suggestions } from '../../shared/props.ts';
import { textOf } from '../../kit/text.ts';

export async function completeWith(wanted: RunWanted, at: number): Promise<Suggestions> {
  const { from, options } = await post<CompleteAnswer>('/studio/complete', { ...wanted, at });
  return { from, options: options.map(suggested) };
}

function suggested({ kind, name, detail }: CompleteAnswer['options'][number]): Suggestion {
  if (kind === 'function')
    return { label: name, kind, help: textOf(`functions.${name.slice(1)}`), text: `${name}(` };
  if (kind === 'target') return { label: name, kind: 'field', text: `'${name}': ` };
  return { label: name, kind: kind === 'variable' ? kind : kind === 'map' ? 'value' : 'field', detail };
}
