/** The decisions about an issue: buttons, and a dialog where one needs more than a press. */
import type { IssueWhole, Teams } from '../../../node-red/tower/issues.ts';
import type { Act } from '../../issue-actions.ts';
import { ApiError, post } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { navigate } from '../kit/route.ts';
import { may, useMe } from '../kit/session.ts';
import { t, teamName } from '../kit/text.ts';
import type { Issue } from '../../issues.ts';

type Asks = 'assign' | 'wait' | 'mute' | 'note' | 'discard';

interface DecideProps {
  issue: Issue;
  /** The issue is another now. */
  onChange(): Promise<void>;
}

export function Decide({ issue, onChange }: DecideProps): View {
  const [asks, ask] = useState<Asks | undefined>(undefined);
  const [error, fail] = useState<ApiError | undefined>(undefined);
  const { id, state, count, of } = issue;
  const isOver = state === 'resolved';
  const work = may('crossdock.work');
  const decide = async (act: Act): Promise<boolean> => {
    try {
      await post<IssueWhole>(`/issues/${id}/act`, { revision: issue.revision, act });
      fail(undefined);
      await onChange();
      return true;
    } catch (thrown) {
      // First the issue as it is now: who then decides again decides on that.
      await onChange().finally(() => fail(thrown as ApiError));
      return false;
    }
  };
  const open = (one: Asks) => () => {
    fail(undefined);
    ask(one);
  };
  const button = (one: Asks, kind = '') =>
    html`<button type="button" class=${kind} onClick=${open(one)}>${t(`issues.${one}`)}</button>`;
  const isQuiet = state === 'waiting' || state === 'muted';
  return html`<div class="actions">
      ${
        work &&
        !isOver &&
        html`${
          state === 'open' &&
          html`<button type="button" class="primary" onClick=${() => decide({ do: 'acknowledge' })}>
            ${t('issues.acknowledge')}
          </button>`
        }
        ${
          isQuiet &&
          html`<button type="button" onClick=${() => decide({ do: 'resume' })}>${t('issues.resume')}</button>`
        }
        ${button('assign')} ${button('wait')} ${button('mute')}`
      }
      ${work && button('note')}
      ${of === 'letters' && count > 0 && may('crossdock.replay') && html`<${PlanReplay} id=${id} fail=${fail} />`}
      ${of === 'letters' && count > 0 && may('crossdock.discard') && button('discard', 'danger')}
    </div>
    ${!asks && html`<${Fault} error=${error} />`}
    ${
      asks &&
      html`<${Ask}
        asks=${asks}
        issue=${issue}
        error=${error}
        decide=${decide}
        onChange=${onChange}
        onClose=${() => ask(undefined)}
      />`
    }`;
}

function PlanReplay({ id, fail }: { id: string; fail(error: ApiError): void }): View {
  const [planning, setPlanning] = useState(false);
  const plan = async (): Promise<void> => {
    setPlanning(true);
    try {
      const made = await post<{ id: string }>('/replays', { filter: { issue: id } });
      navigate(`/tower/replays/${made.id}`);
    } catch (thrown) {
      fail(thrown as ApiError);
      setPlanning(false);
    }
  };
  return html`<button type="button" disabled=${planning} onClick=${plan}>
    ${planning ? t('shell.loading') : t('issues.replay')}
  </button>`;
}

interface AskProps extends DecideProps {
  asks: Asks;
  error: ApiError | undefined;
  decide(act: Act): Promise<boolean>;
  onClose(): void;
}

const titles = {
  assign: 'issues.assignTitle',
  wait: 'issues.waitTitle',
  mute: 'issues.muteTitle',
  note: 'issues.noteTitle',
  discard: 'issues.discardTitle',
} as const;

function Ask({ asks, issue, error, decide, onChange, onClose }: AskProps): View {
  const [told, tell] = useState<ApiError | undefined>(undefined);
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const said = (name: string): string => String(form.get(name) ?? '').trim();
    if (asks === 'discard') {
      try {
        await post(`/issues/${issue.id}/discard`, { reason: said('reason') });
        await onChange();
        onClose();
      } catch (thrown) {
        tell(thrown as ApiError);
      }
    } else if (await decide(actOf(asks, said))) onClose();
  };
  const fault = error ?? told;
  return html`<${Dialog} title=${t(titles[asks])} onClose=${onClose}>
    <form class="ask" onSubmit=${submit}>
      <${Fault} error=${fault} />
      ${fault?.code === 'ISSUE_CHANGED' && html`<p class="notice">${t('issues.changed')}</p>`}
      <${Fields} asks=${asks} issue=${issue} />
      <div class="actions">
        <button type="submit" class=${asks === 'discard' ? 'danger' : 'primary'}>${t('issues.save')}</button>
        <button type="button" class="quiet" onClick=${onClose}>${t('issues.cancel')}</button>
      </div>
    </form>
  <//>`;
}

function actOf(asks: Exclude<Asks, 'discard'>, said: (name: string) => string): Act {
  switch (asks) {
    case 'assign':
      return { do: 'assign', person: said('person') || null, team: said('team') || null };
    case 'wait':
      return { do: 'wait', on: said('on'), until: instant(said('until')) };
    case 'mute':
      return { do: 'mute', reason: said('reason'), until: instant(said('until')) };
    case 'note':
      return { do: 'note', text: said('text') };
  }
}

/** What a field gives is of the person's own time zone. */
function instant(local: string): string {
  const at = new Date(local);
  return Number.isNaN(at.getTime()) ? local : at.toISOString();
}

function local(days: number): string {
  const at = new Date(Date.now() + days * 86_400_000);
  at.setMinutes(at.getMinutes() - at.getTimezoneOffset());
  return at.toISOString().slice(0, 16);
}

function Fields({ asks, issue }: { asks: Asks; issue: Issue }): View {
  const me = useMe();
  const { data } = usePolled<Teams>(asks === 'assign' ? '/issues/teams' : undefined, 600);
  const until = html`<label>
    ${t('issues.until')}
    <input type="datetime-local" name="until" required defaultValue=${local(asks === 'wait' ? 1 : 7)} />
  </label>`;
  const reason = html`<label>
    ${t('issues.reason')}
    <input name="reason" required maxlength="500" />
  </label>`;
  switch (asks) {
    case 'assign':
      return html`<label>
          ${t('issues.person')}
          <input name="person" list="people" defaultValue=${issue.person ?? ''} maxlength="100" />
          <datalist id="people"><option value=${me?.user ?? ''}></option></datalist>
        </label>
        <label>
          ${t('issues.team')}
          <select name="team">
            ${(data?.rows ?? [{ team: issue.team }]).map(
              ({ team }) =>
                html`<option key=${team} value=${team} selected=${team === issue.team}>
                  ${teamName(team)}
                </option>`,
            )}
            <option value="">${t('issues.byRule')}</option>
          </select>
        </label>`;
    case 'wait':
      return html`<label>
          ${t('issues.waitOn')}
          <input name="on" required maxlength="200" />
        </label>
        ${until}`;
    case 'mute':
      return html`<p>${t('issues.muteHelp')}</p>
        ${reason} ${until}`;
    case 'note':
      return html`<label>
        ${t('issues.noteTitle')}
        <textarea name="text" rows="4" required maxlength="2000">${issue.note ?? ''}</textarea>
      </label>`;
    case 'discard':
      return html`<p>${t('issues.discardHelp', { count: issue.count })}</p>
        ${reason}`;
  }
}
