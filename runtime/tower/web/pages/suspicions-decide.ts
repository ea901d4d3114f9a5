/** What people say of a suspicion, and the detectors that are muted by that. */
import type { Suspicion } from '../../../suspicions/decide.ts';
import type { Detector } from '../../../suspicions/kept.ts';
import { post, type ApiError } from '../kit/api.ts';
import { dateTime, number } from '../kit/format.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { may } from '../kit/session.ts';
import { t } from '../kit/text.ts';

type Refresh = () => Promise<void>;

/** What is done, and why it could not be. */
function useAct(refresh: Refresh) {
  const [failed, fail] = useState<ApiError>();
  const act = async (path: string, body: object): Promise<void> => {
    fail(undefined);
    try {
      await post(`/suspicions${path}`, body);
    } catch (error) {
      fail(error as ApiError);
    }
    await refresh();
  };
  return { failed, act };
}

export function Verdict({ one, refresh }: { one: Suspicion; refresh: Refresh }): View {
  const { failed, act } = useAct(refresh);
  const { id, judged } = one;
  const say = (useful: boolean) => () => act('/judge', { id, useful });
  return html`${judged && t(judged.useful ? 'suspicions.said.useful' : 'suspicions.said.useless', { by: judged.by })}
    <${Fault} error=${failed} />
    ${
      may('crossdock.work') &&
      html`<div class="buttons">
        ${
          judged?.useful !== true &&
          html`<button type="button" onClick=${say(true)}>${t('suspicions.useful')}</button>`
        }
        ${
          judged?.useful !== false &&
          html`<button type="button" onClick=${say(false)}>${t('suspicions.useless')}</button>`
        }
      </div>`
    }`;
}

export function Muted({ muted, refresh }: { muted: Detector[]; refresh: Refresh }): View {
  const { failed, act } = useAct(refresh);
  if (muted.length === 0) return null;
  return html`<section class="notice">
    <h2>${t('suspicions.muted')}</h2>
    <${Fault} error=${failed} />
    <ul>
      ${muted.map(({ kind, partner, muted: since = '', useful, judged }) => {
        const values = {
          kind: t(`suspicions.kind.${kind}`),
          partner,
          time: dateTime(since),
          useful: number(useful),
          judged: number(judged),
        };
        return html`<li key=${`${kind}/${partner}`}>
          ${t('suspicions.mutedOf', values)} ${' '}
          ${
            may('crossdock.work') &&
            html`<button type="button" onClick=${() => act('/unmute', { kind, partner })}>
              ${t('suspicions.unmute')}
            </button>`
          }
        </li>`;
      })}
    </ul>
  </section>`;
}
