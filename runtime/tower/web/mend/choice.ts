/** What the entry leads to: one of what Odoo has, or written by hand. */
import type { Candidates } from '../../candidates.ts';
import type { GapView } from '../../gap.ts';
import { get, type ApiError } from '../kit/api.ts';
import { html, useEffect, useId, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { t } from '../kit/text.ts';

interface ChoiceProps {
  gap: GapView;
  /** What else it may be called. */
  names: readonly string[];
  to: string;
  choose(to: string): void;
}

const pauseMs = 300;

export function Choice({ gap, names, to, choose }: ChoiceProps): View {
  const id = useId();
  const [asked, ask] = useState(gap.value);
  const { found, error } = useCandidates(gap, asked === gap.value ? [asked, ...names] : [asked]);
  const typed = (event: Event): string => (event.currentTarget as HTMLInputElement).value;
  return html`${
      gap.model &&
      html`<fieldset class="candidates">
        <legend>${t('mend.inOdoo')}</legend>
        <label class="wide"
          >${t('mend.search')}
          <input type="search" value=${asked} onInput=${(event: Event) => ask(typed(event))}
        /></label>
        <${Fault} error=${error} />
        <div role="status">
          ${found?.away && html`<p class="notice">${t('mend.away')} <span class="small">${found.away}</span></p>`}
          ${found && !found.away && found.rows.length === 0 && html`<p>${t('mend.nothing')}</p>`}
        </div>
        ${found?.rows.map(
          (one) =>
            html`<label key=${one.to} class="candidate">
              <input
                type="radio"
                name=${id}
                value=${one.to}
                checked=${to === one.to}
                onChange=${() => choose(one.to)}
              />
              <strong>${one.to}</strong> <span>${one.detail}</span>
            </label>`,
        )}
      </fieldset>`
    }
    <label class="wide">
      ${gap.model ? t('mend.orWrite') : t('mend.write')}
      <input list=${`${id}-words`} value=${to} onInput=${(event: Event) => choose(typed(event))} />
    </label>
    <datalist id=${`${id}-words`}>
      ${gap.words.map((word) => html`<option key=${word} value=${word} />`)}
    </datalist>`;
}

function useCandidates(
  { map, model }: GapView,
  asked: readonly string[],
): { found?: Candidates; error?: ApiError } {
  const [answer, setAnswer] = useState<{ found?: Candidates; error?: ApiError }>({});
  const words = asked.map((one) => one.trim()).filter((one) => one !== '');
  const query = new URLSearchParams([['map', map], ...words.map((word) => ['q', word])]).toString();
  useEffect(() => {
    if (!model || words.length === 0) return undefined;
    let over = false;
    const timer = setTimeout(() => {
      get<Candidates>(`/mend/candidates?${query}`).then(
        (found) => !over && setAnswer({ found }),
        (error: ApiError) => !over && setAnswer({ error }),
      );
    }, pauseMs);
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [model, query]);
  return answer;
}
