/** `/workspace/catalogue`: flows that come with Crossdock, to be taken into this hub. */
import type { Offers } from '../../../../catalogue/counter.ts';
import { html } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { t } from '../../kit/text.ts';
import { Items } from '../../workspace/catalogue/items.ts';

export const page: Page = {
  path: '/workspace/catalogue',
  nav: { text: 'catalogue.nav', order: 90 },
  view() {
    const { data, error, refresh } = usePolled<Offers>('/catalogue', 60);
    return html`<${Title} text=${t('catalogue.nav')} />
      <p class="lead">${t('catalogue.lead')}</p>
      ${data?.flows === 0 && html`<p>${t('catalogue.empty')}</p>`}
      <${Fault} error=${error} retry=${refresh} />
      ${data ? html`<${Items} ...${{ offers: data, refresh }} />` : html`<${Loading} />`}`;
  },
};
