/** Where a break stands: open, explained by one, accepted by another; and the way from one to the next. */
import type { Break } from '../../../reconcile/breaks.ts';
import type { BreakState, Decision } from '../../../reconcile/decisions.ts';
import { post, type ApiError } from '../kit/api.ts';
import { Dialog } from '../kit/dialog.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { may, useMe } from '../kit/session.ts';
import { t } from '../kit/text.ts';

/** Of a break, what people said of it. */
export type Decided = Partial<Decision> & { state: BreakState };

interface DecideProps {
  one: Pick<Break, 'id' | 'class'> & Decided;
  refresh(): Promise<void>;
}

export function Decide({ one, refresh }: DecideProps): View {
  const [explaining, setExplaining] = useState(false);
  const [failed, fail] = useState<ApiError>();
  const me = useMe();
  const { id, explained, accepted } = one;
  const act = async (path: string, body: object): Promise<void> => {
    fail(undefined);
    try {
      await post(`/reconciliation${path}`, body);
      setExplaining(false);
    } catch (error) {
      fail(error as ApiError);
    }
    await refresh();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void act('/explain', { id, why: String(form.get('why')) });
  };
  // What is only a matter of time, nobody has to explain.
  const open = one.class !== 'timing' && !accepted;
  const accepts = open && may('crossdock.settle') && explained && explained.by !== me?.user;
  return html`${t(`reconciliation.at-${one.state}`)}
  ${explained && html`<br />${t('reconciliation.said', { by: explained.by, why: explained.why })}`}
  ${accepted && html`<br />${t('reconciliation.acceptedBy', { by: accepted.by })}`}
  ${!explaining && html`<${Fault} error=${failed} />`}
  ${
    open &&
    html`<div class="buttons">
      ${
        may('crossdock.work') &&
        html`<button type="button" onClick=${() => setExplaining(true)}>
          ${t('reconciliation.explain')}
        </button>`
      }
      ${
        accepts &&
        html`<button type="button" onClick=${() => act('/accept', { id })}>
          ${t('reconciliation.accept')}
        </button>`
      }
    </div>`
  }
  ${
    explaining &&
    html`<${Dialog} title=${t('reconciliation.explain')} onClose=${() => setExplaining(false)}>
      <form onSubmit=${submit}>
        <label>${t('reconciliation.why')}<textarea name="why" rows="4" required></textarea></label>
        <p class="small">${t('reconciliation.second')}</p>
        <${Fault} error=${failed} />
        <button type="submit">${t('reconciliation.explain')}</button>
      </form>
    <//>`
  }`;
}
