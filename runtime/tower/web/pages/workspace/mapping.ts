/** One mapping in the studio: `?schema=` says of one that is not saved yet what it gives. */
import type { StudioView } from '../../../../node-red/tower/studio.ts';
import { hrefOf } from '../../kit/address.ts';
import { get, type ApiError } from '../../kit/api.ts';
import { html, useEffect, useState } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { useFilter } from '../../kit/route.ts';
import { t } from '../../kit/text.ts';
import { useFile } from '../../workspace/save.ts';
import { begunWith } from '../../workspace/studio/begun.ts';
import { Studio } from '../../workspace/studio/studio.ts';

export const page: Page = {
  path: '/workspace/mappings/:name',
  view({ params: { name = '' } }) {
    const [{ schema }] = useFilter('schema');
    const file = useFile(`definitions/mappings/${name}.jsonata`);
    const [view, setView] = useState<StudioView>();
    const [failed, fail] = useState<ApiError>();
    const reload = (): Promise<void> =>
      get<StudioView>(hrefOf('/studio/one', { name, schema })).then(setView, fail);
    useEffect(() => void reload(), [name, schema]);
    const error = failed ?? file?.error;
    if (view?.name !== name || !file?.base)
      return error ? html`<${Fault} error=${error} />` : html`<${Loading} />`;
    if (file.base.revision === '' && !file.dirty)
      return html`<${Title} text=${name} />
        <p class="fault">${t('studio.notThere')}</p>`;
    const first = begunWith(name) ?? view.cases[0] ?? { message: '{}' };
    return html`<${Studio} key=${name} ...${{ view, file, first, reload }} />`;
  },
};
