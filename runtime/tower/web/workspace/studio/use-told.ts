/** What the hub says, for a page. */
import type { RunAnswer, RunWanted } from '../../../../workspace/studio/run.ts';
import { post } from '../../kit/api.ts';
import { useEffect, useLayoutEffect, useRef, useState } from '../../kit/html.ts';
import { follower, type Follower, type Told } from './follow.ts';

export function useTold(wanted: RunWanted): Told {
  const [shown, show] = useState<Told>({});
  const held = useRef<Follower>(undefined);
  const { name, text, schema, message, bindings } = wanted;
  held.current ??= follower((what, asked) => post<RunAnswer>(`/studio/${what}`, asked), show);
  useLayoutEffect(() => held.current?.changed(wanted), [name, text, schema, message, bindings]);
  useEffect(() => () => held.current?.end(), []);
  return shown;
}
