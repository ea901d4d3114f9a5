/** `/workspace/rules`: who may write what, how failures are tried again, limits, and environments. */
import { html } from '../../kit/html.ts';
import { Title, type Page } from '../../kit/page.ts';
import { useFilter } from '../../kit/route.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { Authority } from '../../workspace/rules/authority.ts';
import { Environments } from '../../workspace/rules/environments.ts';
import { Limits } from '../../workspace/rules/limits.ts';
import { Policies } from '../../workspace/rules/policies.ts';

const parts = { authority: Authority, policies: Policies, limits: Limits, environments: Environments };
type Part = keyof typeof parts;

export const page: Page = {
  path: '/workspace/rules',
  nav: { text: 'rules.nav', order: 60 },
  view() {
    const [{ part }, setFilter] = useFilter('part');
    const shown = (Object.hasOwn(parts, part) ? part : 'authority') as Part;
    const readonly = !useMe()?.authored || !may('crossdock.author');
    return html`<${Title} text=${t('rules.nav')} />
      <p class="filters">
        ${(Object.keys(parts) as Part[]).map(
          (name) =>
            html`<button
              key=${name}
              type="button"
              aria-pressed=${shown === name ? 'true' : 'false'}
              onClick=${() => setFilter({ part: name })}
            >
              ${t(`rules.${name}`)}
            </button>`,
        )}
      </p>
      <${parts[shown]} readonly=${readonly} />`;
  },
};
