/** What a person can decide about the process of an order: stop it, let it go on, release what is held. */
import type { Action } from '../../../../process/instance.ts';
import type { InstanceState } from '../../../../process/state.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { Dialog } from '../../kit/dialog.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { may } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';

/** As a person calls it: to resume what is held is to release it. */
type Decision = 'release' | 'resume' | 'step' | 'pause';

const actions: Record<Decision, Action> = {
  release: 'resume',
  resume: 'resume',
  step: 'step',
  pause: 'pause',
};

const decisions: Partial<Record<InstanceState, readonly Decision[]>> = {
  running: ['pause'],
  held: ['release', 'pause'],
  undoing: ['pause'],
  paused: ['resume', 'step'],
};

interface ActionsProps {
  /** Of the order, below `/tower/api`. */
  path: string;
  number: string;
  state: InstanceState;
  onDone(): Promise<void>;
}

export function Actions({ path, number, state, onDone }: ActionsProps): View {
  const [asked, ask] = useState<Decision>();
  if (!may('crossdock.replay')) return null;
  const done = async (): Promise<void> => {
    ask(undefined);
    await onDone();
  };
  return html`${(decisions[state] ?? []).map(
    (one) =>
      html`<button key=${one} type="button" onClick=${() => ask(one)}>${t(`orders.act.${one}`)}</button>`,
  )}
  ${
    asked &&
    html`<${Sure}
      path=${path}
      number=${number}
      decision=${asked}
      onDone=${done}
      onClose=${() => ask(undefined)}
    />`
  }`;
}

interface SureProps {
  path: string;
  number: string;
  decision: Decision;
  onDone(): Promise<void>;
  onClose(): void;
}

function Sure({ path, number, decision, onDone, onClose }: SureProps): View {
  const [error, fail] = useState<ApiError>();
  const [busy, work] = useState(false);
  const go = async (): Promise<void> => {
    work(true);
    try {
      await post(`${path}/actions`, { action: actions[decision] });
      await onDone();
    } catch (failed) {
      fail(failed as ApiError);
      work(false);
    }
  };
  return html`<${Dialog} title=${t(`orders.sure.${decision}`, { number })} onClose=${onClose}>
    <p>${t(`orders.means.${decision}`)}</p>
    <${Fault} error=${error} />
    <p class="actions">
      <button type="button" class="primary" disabled=${busy} onClick=${go}>
        ${t(`orders.act.${decision}`)}
      </button>
      <button type="button" onClick=${onClose}>${t('orders.leave')}</button>
    </p>
  <//>`;
}
