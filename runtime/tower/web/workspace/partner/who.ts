/** The first step: what the partner is called, and what it sends. */
import type { Sends } from '../../../../workspace/partner/kinds.ts';
import { html, type View } from '../../kit/html.ts';
import { usePolled } from '../../kit/poll.ts';
import { t, teamName } from '../../kit/text.ts';
import { renamed, typed, type Change, type Draft } from './draft.ts';
import { nameOf, shortName, titled } from '../../shared/naming.ts';

export interface Choosable {
  sends: Sends[];
  teams: string[];
  signing: { schemes: string[]; algorithms: string[]; encodings: string[] };
}

/** What there is to choose from. */
export function useChoosable(): Choosable | undefined {
  return usePolled<Choosable>('/new-partner', 600).data;
}

export function isNamed({ title, name }: Pick<Draft, 'title' | 'name'>): boolean {
  return titled.test(title.trim()) && shortName.test(name);
}

export function Who({ draft, change }: { draft: Draft; change: Change }): View {
  const data = useChoosable();
  const title = (event: Event): void => {
    const text = typed(event);
    const own = draft.name !== '' && draft.name !== nameOf(draft.title);
    change(renamed(draft, { title: text, ...(!own && { name: nameOf(text) }) }));
  };
  // What was proposed was for another kind of document.
  const sends = (event: Event): void =>
    change({
      ...renamed(draft, { sends: typed(event) as Sends }),
      rows: [],
      from: {},
      looked: [],
      id: [],
      number: [],
    });
  const isTitle = draft.title === '' || titled.test(draft.title.trim());
  const isName = (draft.title === '' && draft.name === '') || shortName.test(draft.name);
  return html`<div class="form-fields">
    <div class="form-field">
      <label for="partner-title">${t('partner.title')}</label>
      <input
        id="partner-title"
        value=${draft.title}
        aria-invalid=${!isTitle}
        aria-describedby="partner-title-wrong"
        onInput=${title}
      />
      <span id="partner-title-wrong" class="small wrong" role="status">
        ${!isTitle && t('partner.titleWrong')}
      </span>
    </div>
    <div class="form-field">
      <label for="partner-name">${t('partner.name')}</label>
      <input
        id="partner-name"
        value=${draft.name}
        aria-invalid=${!isName}
        aria-describedby="partner-name-help partner-name-wrong"
        onInput=${(event: Event) => change(renamed(draft, { name: typed(event) }))}
      />
      <span id="partner-name-help" class="small">${t('partner.nameHelp')}</span>
      <span id="partner-name-wrong" class="small wrong" role="status">
        ${!isName && t('partner.nameWrong')}
      </span>
    </div>
    <div class="form-field">
      <label for="partner-sends">${t('partner.sends')}</label>
      <select id="partner-sends" value=${draft.sends} onChange=${sends}>
        ${(data?.sends ?? [draft.sends]).map((one) => html`<option key=${one} value=${one}>${t(`partner.sends-${one}`)}</option>`)}
      </select>
    </div>
    <div class="form-field">
      <label for="partner-owner">${t('partner.owner')}</label>
      <select
        id="partner-owner"
        value=${draft.owner}
        onChange=${(event: Event) => change({ owner: typed(event) })}
      >
        ${[...new Set([draft.owner, ...(data?.teams ?? [])])].map((one) => html`<option key=${one} value=${one}>${teamName(one)}</option>`)}
      </select>
    </div>
  </div>`;
}
