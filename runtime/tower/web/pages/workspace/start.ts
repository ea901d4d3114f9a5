/** `/workspace`: where one who makes flows begins; with the catalogue where there is no flow yet. */
import type { Offers } from '../../../../catalogue/counter.ts';
import { html, useRef, type View } from '../../kit/html.ts';
import { Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { t } from '../../kit/text.ts';
import { Items } from '../../workspace/catalogue/items.ts';

export const page: Page = {
  path: '/workspace',
  view() {
    return html`<${Title} text=${t('workspace.title')} />
      <p>${t('workspace.lead')}</p>
      <ul>
        <li><a href="/">${t('shell.editor')}</a></li>
      </ul>
      <${FirstFlows} />`;
  },
};

/** Stays until one goes on, also when the first flow is there. */
function FirstFlows(): View {
  const { data, refresh } = usePolled<Offers>('/catalogue', 60);
  const began = useRef(false);
  if (data?.flows === 0) began.current = true;
  if (!data || !began.current) return null;
  return html`${data.flows === 0 && html`<p class="lead">${t('catalogue.empty')}</p>`}
    <${Items} ...${{ offers: data, refresh }} />`;
}
