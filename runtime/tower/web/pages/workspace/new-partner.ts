/** `/workspace/partners/new`: from nothing to the first order, on one page. `?new=` names it. */
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Title, type Page } from '../../kit/page.ts';
import { useFilter } from '../../kit/route.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { renamed, useDraft } from '../../workspace/partner/draft.ts';
import { Make, Release, Send } from '../../workspace/partner/made.ts';
import { Mapping } from '../../workspace/partner/mapping.ts';
import { nameOf } from '../../shared/naming.ts';
import { WebhookFields } from '../../workspace/partner/webhook-fields.ts';
import { Request } from '../../workspace/partner/request.ts';
import { Who } from '../../workspace/partner/who.ts';

export const page: Page = {
  path: '/workspace/partners/new',
  view: Guide,
};

function Guide(): View {
  const me = useMe();
  if (!me?.authored || !may('crossdock.author'))
    return html`<${Title} text=${t('partner.newTitle')} />
      <p class="notice">${t('partner.notHere')}</p>`;
  return html`<${Steps} key=${me.user} user=${me.user} />`;
}

function Steps({ user }: { user: string }): View {
  const [secret, setSecret] = useState('');
  const [draft, change, anew] = useDraft(secret, user);
  const [{ new: wanted }] = useFilter('new');
  useEffect(() => {
    if (wanted && draft.name === '') change(renamed(draft, { title: wanted, name: nameOf(wanted) }));
  }, [wanted]);
  // What is made is changed elsewhere.
  const step = (number: number, text: string, shown: boolean, view: View): View =>
    html`<section class="panel" aria-label=${text}>
      <h2>${t('partner.step', { number, text })}</h2>
      ${
        shown
          ? html`<fieldset class="partner-step" disabled=${draft.made && number < 5}>${view}</fieldset>`
          : html`<p class="small">${t('partner.before')}</p>`
      }
    </section>`;
  const known = draft.signing !== undefined && draft.rows.length > 0;
  const parts = { draft, change, secret, setSecret };
  return html`<${Title} text=${t('partner.newTitle')}>
      <button type="button" onClick=${() => (anew(), setSecret(''))}>${t('partner.anew')}</button>
    <//>
    <p class="lead">${t('partner.lead')}</p>
    ${step(1, t('partner.stepWho'), true, html`<${Who} ...${parts} />`)}
    ${step(2, t('partner.stepRequest'), true, html`<${Request} ...${parts} />`)}
    ${step(3, t('partner.stepPlace'), known, html`<${WebhookFields} ...${parts} />`)}
    ${step(4, t('partner.stepMapping'), known, html`<${Mapping} ...${parts} />`)}
    ${step(5, t('partner.stepMake'), known, html`<${Make} ...${parts} />`)}
    ${step(6, t('partner.stepSend'), draft.made, html`<${Send} ...${parts} />`)}
    ${step(7, t('partner.stepRelease'), draft.made, html`<${Release} ...${parts} />`)}`;
}
