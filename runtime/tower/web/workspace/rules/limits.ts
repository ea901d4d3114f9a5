/** How much of the hub each tier of flows may take. */
import { html, type View } from '../../kit/html.ts';
import { Fault, Loading } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { useFile } from '../save.ts';
import { SaveBar } from '../savebar.ts';
import type { RulesProps } from './authority.ts';
import { NumberField } from './policies.ts';

const shares = ['requests', 'deliveries', 'turns', 'backlog', 'store'] as const;
type Tier = Record<(typeof shares)[number], number>;
const totals = ['requests', 'bodies', 'deliveries'] as const;
type LimitsFile = Record<(typeof totals)[number], number> & { tiers: Record<string, Tier> };

export function Limits({ readonly }: RulesProps): View {
  const file = useFile('definitions/limits.yaml');
  const limits = file?.value as LimitsFile | undefined;
  if (!file?.base || !limits) return html`<${Fault} error=${file?.error} /><${Loading} />`;
  const put = (tier: string, name: (typeof shares)[number], event: Event): void => {
    const number = (event.currentTarget as HTMLInputElement).valueAsNumber;
    if (Number.isNaN(number)) return;
    const next = { ...limits.tiers[tier]!, [name]: number };
    file.changeValue({ ...limits, tiers: { ...limits.tiers, [tier]: next } });
  };
  return html`<p>${t('rules.limitsLead')}</p>
    <div class="event-head">
      ${totals.map(
        (name) =>
          html`<${NumberField}
            key=${name}
            label=${t(`rules.all-${name}`)}
            value=${limits[name]}
            readonly=${readonly}
            change=${(value: number) => file.changeValue({ ...limits, [name]: value })}
          />`,
      )}
    </div>
    <div class="table matrix">
      <table>
        <caption class="unseen">
          ${t('rules.limits')}
        </caption>
        <thead>
          <tr>
            <th scope="col">${t('rules.tier')}</th>
            ${shares.map((name) => html`<th key=${name} scope="col">${t(`rules.of-${name}`)}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${Object.entries(limits.tiers).map(
            ([tier, of]) =>
              html`<tr key=${tier}>
                <th scope="row">${tier}</th>
                ${shares.map(
                  (name) =>
                    html`<td key=${name} data-label=${t(`rules.of-${name}`)}>
                      <input
                        type="number"
                        min="0"
                        step="any"
                        aria-label=${`${tier}: ${t(`rules.of-${name}`)}`}
                        value=${of[name]}
                        readonly=${readonly}
                        onInput=${(event: Event) => put(tier, name, event)}
                      />
                    </td>`,
                )}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    <${SaveBar} files=${[file]} />`;
}
