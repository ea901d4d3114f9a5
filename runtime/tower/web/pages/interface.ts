/** One interface: its contract, who consumes it, what it asks for at the edge, and how far it is. */
import type { EdgePolicy } from '../../../interfaces/file.ts';
import type { Listed } from '../../../interfaces/use/listed.ts';
import { hrefOf } from '../kit/address.ts';
import { date } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { t } from '../kit/text.ts';
import { Seen, StateBadge, teamText } from './interfaces.ts';

type Row = readonly [what: string, said: View | undefined];

export const page: Page = {
  path: '/tower/interfaces/:id',
  view({ params: { id = '' } }) {
    const { data, error, refresh } = usePolled<Listed>(hrefOf('/interfaces/one', { id }), 60);
    if (!data)
      return error
        ? html`<${Title} kind=${t('interfaces.one')} text=${id} /><${Fault}
              error=${error}
              retry=${refresh}
            />`
        : html`<${Loading} />`;
    return html`<${Title} kind=${t(`interfaces.kind.${data.kind}`)} text=${data.id}>
        <a href="/tower/interfaces">${t('interfaces.nav')}</a>
      <//>
      ${data.summary && html`<p class="lead">${data.summary}</p>`}
      <${Problems} one=${data} />
      <section class="panel"><${Facts} rows=${standing(data)} /></section>
      <section class="panel">
        <h2>${t('interfaces.contract')}</h2>
        <${Contract} one=${data} />
      </section>
      <section class="panel">
        <h2>${t('interfaces.consumers')}</h2>
        ${data.consumers.length > 0 ? html`<${List} of=${data.consumers} />` : html`<p>${t('interfaces.noConsumers')}</p>`}
      </section>
      <section class="panel">
        <h2>${t('interfaces.edge')}</h2>
        <${Edge} one=${data} />
      </section>`;
  },
};

function standing(one: Listed): Row[] {
  const { entry, state, seen, version, tier, direction, flows } = one;
  const ends = state === 'deprecated' || state === 'retired';
  return [
    [t('interfaces.state'), html`<${StateBadge} one=${one} />`],
    [t('interfaces.owner'), teamText(entry?.owner)],
    [t('interfaces.class'), entry && t(`interfaces.class.${entry.class}`)],
    [
      t('interfaces.approved'),
      entry?.approved
        ? t('interfaces.approvedBy', { by: entry.approved.by, on: date(entry.approved.on) })
        : t('interfaces.notApproved'),
    ],
    [t('interfaces.deprecated'), entry?.deprecated && date(entry.deprecated)],
    [t('interfaces.sunset'), entry?.sunset && date(entry.sunset)],
    [t('interfaces.told'), ends ? (entry?.told ? date(entry.told) : t('interfaces.untold')) : undefined],
    [t('interfaces.retired'), entry?.retired && date(entry.retired)],
    [t('interfaces.version'), version],
    [t('interfaces.tier'), t(`interfaces.tier.${tier}`)],
    [t('interfaces.direction'), t(`interfaces.direction.${direction}`)],
    [t('interfaces.flows'), flows.length > 0 ? flows.join(', ') : undefined],
    [t('interfaces.seen'), html`<${Seen} seen=${seen} />`],
  ];
}

function Problems({ one: { problems } }: { one: Listed }): View {
  if (problems.length === 0) return null;
  return html`<div class="fault" role="alert">
    <p>${t('interfaces.problems')}</p>
    <ul>
      ${problems.map(({ code, message }) => html`<li key=${code}>${code}: ${message}</li>`)}
    </ul>
  </div>`;
}

function Contract({ one: { contract } }: { one: Listed }): View {
  const { operations, schemas, signature, compatibility } = contract;
  const rows: Row[] = [
    [t('interfaces.operations'), operations.length > 0 ? html`<${List} of=${operations} code />` : undefined],
    [t('interfaces.schemas'), schemas.length > 0 ? html`<${List} of=${schemas} code />` : undefined],
    [t('interfaces.signature'), signature],
    [t('interfaces.compatibility'), compatibility],
  ];
  const none = schemas.length === 0 && html`<p class="small">${t('interfaces.noContract')}</p>`;
  return html`<${Facts} rows=${rows} />${none}`;
}

function Edge({ one: { kind, entry } }: { one: Listed }): View {
  if (kind !== 'webhook') return html`<p>${t('interfaces.onlyWebhooks')}</p>`;
  return entry?.edge
    ? html`<${Facts} rows=${edgeRows(entry.edge)} />`
    : html`<p>${t('interfaces.noEdge')}</p>`;
}

function edgeRows({ rate, maxKb, addresses, certificate }: EdgePolicy): Row[] {
  return [
    [
      t('interfaces.rate'),
      rate &&
        t(`interfaces.rate.${rate.each ?? 'interface'}`, {
          requests: rate.requests,
          seconds: rate.seconds ?? 1,
        }),
    ],
    [t('interfaces.size'), maxKb && t('interfaces.kilobytes', { count: maxKb })],
    [t('interfaces.addresses'), addresses && html`<${List} of=${addresses} code />`],
    [t('interfaces.header'), certificate && html`<code>${certificate.header ?? 'client-cert'}</code>`],
    [
      t('interfaces.fingerprints'),
      certificate?.fingerprints && html`<${List} of=${certificate.fingerprints} code />`,
    ],
    [t('interfaces.subjects'), certificate?.subjects && html`<${List} of=${certificate.subjects} code />`],
  ];
}

function Facts({ rows }: { rows: Row[] }): View {
  return html`<dl class="facts">
    ${rows.map(
      ([what, said]) =>
        said &&
        html`<dt key=${what}>${what}</dt>
          <dd key=${`${what} `}>${said}</dd>`,
    )}
  </dl>`;
}

function List({ of, code }: { of: readonly string[]; code?: boolean }): View {
  return html`<ul class="interface-list">
    ${of.map((one) => html`<li key=${one}>${code ? html`<code>${one}</code>` : one}</li>`)}
  </ul>`;
}
