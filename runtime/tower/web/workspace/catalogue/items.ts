/** What can be taken, by kind, each with its button; and what came of the last one. */
import type { Offer, Offers, Taken } from '../../../../catalogue/counter.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { may, useMe } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';

interface ItemsProps {
  offers: Offers;
  refresh(): Promise<void>;
}

interface Came extends Taken {
  title: string;
}

export function Items({ offers, refresh }: ItemsProps): View {
  const me = useMe();
  const [adding, setAdding] = useState<string>();
  const [failed, fail] = useState<ApiError>();
  const [came, setCame] = useState<Came>();
  const take = async ({ name, title }: Offer): Promise<void> => {
    setAdding(name);
    fail(undefined);
    try {
      setCame({ title, ...(await post<Taken>('/catalogue/add', { name })) });
    } catch (error) {
      fail(error as ApiError);
    }
    setAdding(undefined);
    await refresh();
  };
  const can = offers.own && me?.authored === true && may('crossdock.author');
  const titleOf = (name: string): string => offers.items.find((one) => one.name === name)?.title ?? name;
  const item = (one: Offer): View =>
    html`<li key=${one.name} class="panel">
      <h3>${one.title}</h3>
      <p>${one.summary}</p>
      ${one.needs.length > 0 && html`<p class="small">${t('catalogue.needs', { names: one.needs.map(titleOf).join(', ') })}</p>`}
      ${one.taken && html`<p class="here">✓ ${t('catalogue.has')}</p>`}
      ${
        !one.taken &&
        can &&
        html`<button
          type="button"
          aria-label=${t('catalogue.addOne', { title: one.title })}
          disabled=${adding !== undefined}
          onClick=${() => take(one)}
        >
          ${t(adding === one.name ? 'catalogue.adding' : 'catalogue.add')}
        </button>`
      }
    </li>`;
  return html`${me && !me.authored && html`<p>${t('catalogue.release')}</p>`}
    ${me?.authored && !offers.own && html`<p>${t('catalogue.notOwn')}</p>`}
    <${Fault} error=${failed} />
    <div role="status">${came && html`<${Result} ...${came} />`}</div>
    ${(['partner', 'area'] as const).map(
      (kind) =>
        html`<section key=${kind} aria-label=${t(`catalogue.${kind}`)}>
          <h2>${t(`catalogue.${kind}`)}</h2>
          <ul class="catalogue">
            ${offers.items.filter((one) => one.kind === kind).map(item)}
          </ul>
        </section>`,
    )}`;
}

function Result({ title, written, kept, missing }: Came): View {
  return html`<div class="panel took">
    <p>${t('catalogue.added', { title, count: written.length })} <a href="/">${t('catalogue.editor')}</a></p>
    ${
      missing.length > 0 &&
      html`<p>${t('catalogue.missing')}</p>
        <ul>
          ${missing.map(({ name, what }) => html`<li key=${name}><code>${name}</code> <span class="small">${what}</span></li>`)}
        </ul>`
    }
    ${
      kept.length > 0 &&
      html`<p>${t('catalogue.kept')}</p>
        <ul>
          ${kept.map((path) => html`<li key=${path}><code>${path}</code></li>`)}
        </ul>`
    }
  </div>`;
}
