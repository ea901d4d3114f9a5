/** `/workspace/partners/:name`: the partner's file as a form, saved with its comments. */
import type { PartnerForm } from '../../../../workspace/partner/list.ts';
import { get, type ApiError } from '../../kit/api.ts';
import { html, useEffect, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page, type PageProps } from '../../kit/page.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { FormField } from '../../mend/form.ts';
import type { Json } from '../../mend/values.ts';
import { Documents, reticked, untick, withoutLists } from '../../workspace/partner/documents.ts';
import { useFile } from '../../workspace/save.ts';
import { SaveBar } from '../../workspace/savebar.ts';

export const page: Page = {
  path: '/workspace/partners/:name',
  view: OnePartner,
};

function OnePartner({ params }: PageProps): View {
  const name = params['name'] ?? '';
  const me = useMe();
  const [about, setAbout] = useState<PartnerForm>();
  const [failed, fail] = useState<ApiError>();
  const file = useFile(`definitions/partners/${name}.yaml`);
  useEffect(
    () => void get<PartnerForm>(`/partners/one?name=${encodeURIComponent(name)}`).then(setAbout, fail),
    [name],
  );
  const error = failed ?? file?.error;
  if (!about || !file?.base) return error ? html`<${Fault} error=${error} />` : html`<${Loading} />`;
  const value = file.value as Json | undefined;
  const makes = Boolean(me?.authored) && may('crossdock.author');
  return html`<${Title} text=${name} kind=${t('partner.nav')} />
    <fieldset class="panel edit partner-edit" disabled=${!makes}>
      <legend class="unseen">${name}</legend>
      <${FormField}
        field=${withoutLists(about.form)}
        value=${untick(value)}
        path=""
        wrong=${undefined}
        change=${(next: Json) => file.changeValue(reticked(next, value))}
      />
      <${Documents} ...${{ value, change: file.changeValue }} choices=${about.choices} />
    </fieldset>
    <${SaveBar} files=${[file]} />
    <p><a href="/workspace/partners">${t('partner.nav')}</a></p>`;
}
