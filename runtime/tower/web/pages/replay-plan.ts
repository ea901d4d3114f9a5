/** The button that plans to send messages again: it sends nothing, and leads to the plan. */
import type { ReplayView } from '../../../replay/view.ts';
import { post, type ApiError } from '../kit/api.ts';
import { html, useState, type View } from '../kit/html.ts';
import { said } from '../kit/page.ts';
import { navigate } from '../kit/route.ts';
import { useMe } from '../kit/session.ts';
import { t } from '../kit/text.ts';

/** Nothing for who may not send again. */
export function PlanReplay({ filter }: { filter: object }): View {
  const me = useMe();
  const [busy, setBusy] = useState(false);
  const [failed, fail] = useState<ApiError>();
  if (!me?.permissions.includes('crossdock.replay')) return null;
  const plan = async (): Promise<void> => {
    setBusy(true);
    fail(undefined);
    try {
      const { id } = await post<ReplayView>('/replays', { filter });
      navigate(`/tower/replays/${id}`);
    } catch (thrown) {
      fail(thrown as ApiError);
      setBusy(false);
    }
  };
  return html`<button type="button" disabled=${busy} onClick=${plan}>
      ${busy ? t('shell.loading') : t('replay.planThese')}
    </button>
    ${failed && html`<span class="late" role="alert">${said(failed)}</span>`}`;
}
