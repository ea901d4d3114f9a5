/** `/tower` opens the work queue. */
import { html, useEffect } from '../kit/html.ts';
import { Loading, type Page } from '../kit/page.ts';
import { navigate } from '../kit/route.ts';

export const page: Page = {
  path: '/tower',
  view() {
    useEffect(() => navigate('/tower/queue', { replace: true }), []);
    return html`<${Loading} />`;
  },
};
