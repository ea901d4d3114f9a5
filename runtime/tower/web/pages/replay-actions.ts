/** The buttons of a replay: those that its state, the role and the second pair of eyes allow. */
import type { Verdict } from '../../../replay/judge.ts';
import type { PlanState } from '../../../replay/state.ts';
import type { ReplayView } from '../../../replay/view.ts';
import { Dialog } from '../kit/dialog.ts';
import { html, useState, type View } from '../kit/html.ts';
import { useMe } from '../kit/session.ts';
import { t } from '../kit/text.ts';

interface ActionsProps {
  replay: ReplayView;
  include: readonly Verdict[];
  act(what: string, body?: object): Promise<void>;
}

const ended: ReadonlySet<PlanState> = new Set(['cancelled', 'done']);

export function Actions({ replay, include, act }: ActionsProps): View {
  const me = useMe();
  const [busy, setBusy] = useState(false);
  const [asking, ask] = useState(false);
  const { state, groups, run, by } = replay;
  if (ended.has(state)) return null;
  if (!me?.permissions.includes('crossdock.replay'))
    return html`<span class="small">${t('replay.mayNot')}</span>`;
  const work = (what: string, body?: object) => async () => {
    setBusy(true);
    ask(false);
    await act(what, body);
    setBusy(false);
  };
  const button = (text: string, onClick: () => unknown, look = '', off = false): View =>
    html`<button type="button" class=${look} disabled=${busy || off} onClick=${onClick}>${text}</button>`;
  const count = groups
    .filter(({ verdict }) => verdict === 'safe' || include.includes(verdict))
    .reduce((sum, { letters }) => sum + letters, 0);
  const own = me.user === by || me.user === run?.by;
  return html`${state === 'planned' && button(t('replay.run', { count }), work('run', { include }), 'primary', count === 0)}
  ${state === 'approval' && (own ? html`<span class="small">${t('replay.ownEyes')}</span>` : button(t('replay.approve'), work('approve'), 'primary'))}
  ${state === 'running' && button(t('replay.pause'), work('pause'))}
  ${(state === 'paused' || state === 'stopped') && button(t('replay.resume'), work('resume'), 'primary')}
  ${state === 'planned' ? button(t('replay.drop'), work('cancel'), 'quiet') : button(t('replay.cancel'), () => ask(true), 'danger')}
  ${
    asking &&
    html`<${Dialog} title=${t('replay.cancel')} onClose=${() => ask(false)}>
      <p>${t('replay.cancelAsk')}</p>
      <div class="actions">
        ${button(t('replay.cancel'), work('cancel'), 'danger')}
        ${button(t('replay.back'), () => ask(false), 'quiet')}
      </div>
    <//>`
  }`;
}
