/** How a partner signs, said by a person where it is not recognised: the settings that a webhook verify has. */
import { html, type View } from '../../kit/html.ts';
import { t } from '../../kit/text.ts';
import { typed, type Change, type Draft } from './draft.ts';
import { useChoosable } from './who.ts';

const settings: Record<string, readonly string[]> = {
  hmac: ['header', 'algorithm', 'encoding', 'prefix', 'template', 'timestampHeader', 'idHeader'],
  bearer: ['header'],
  stripe: ['header'],
  adyen: ['level'],
};
const levels = ['items', 'body'];

interface ByHandProps {
  draft: Draft;
  change: Change;
  ready: boolean;
  use(signing: Record<string, string>): void;
}

export function ByHand({ draft, change, ready, use }: ByHandProps): View {
  const { schemes = ['hmac'], algorithms = [], encodings = [] } = useChoosable()?.signing ?? {};
  const defaults: Record<string, string> = { scheme: 'hmac', template: '{body}' };
  const choices: Record<string, readonly string[]> = {
    scheme: schemes,
    algorithm: algorithms,
    encoding: encodings,
    level: levels,
  };
  const said = (name: string): string => draft.hand[name] ?? defaults[name] ?? choices[name]?.[0] ?? '';
  const names = ['scheme', ...(settings[said('scheme')] ?? [])];
  const signing = Object.fromEntries(
    names.map((name) => [name, said(name)] as const).filter(([, value]) => value !== ''),
  );
  const set = (name: string) => (event: Event) => change({ hand: { ...draft.hand, [name]: typed(event) } });
  return html`<details class="partner-hand" open=${draft.signing === undefined && draft.tried !== undefined}>
    <summary>${t('partner.hand')}</summary>
    <p class="small">${t('partner.handHelp')}</p>
    <div class="form-fields">
      ${names.map(
        (name) =>
          html`<div key=${name} class="form-field">
            <label for=${`partner-hand-${name}`}
              >${t(`partner.signing-${name}` as 'partner.signing-scheme')}</label
            >
            ${
              choices[name]
                ? html`<select id=${`partner-hand-${name}`} value=${said(name)} onChange=${set(name)}>
                    ${choices[name].map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
                  </select>`
                : html`<input
                    id=${`partner-hand-${name}`}
                    class="partner-expression"
                    value=${said(name)}
                    onInput=${set(name)}
                  />`
            }
          </div>`,
      )}
    </div>
    <p class="buttons">
      <button type="button" disabled=${!ready} onClick=${() => use(signing)}>${t('partner.handUse')}</button>
    </p>
  </details>`;
}
