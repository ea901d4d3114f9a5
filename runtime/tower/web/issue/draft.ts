/** The draft of a language model about an issue: asked for by a press, shown as plain text with what each sentence rests on. */
import type { TriageView } from '../../../node-red/tower/triage.ts';
import type { Claim, Rest } from '../../../triage/answer.ts';
import type { Draft } from '../../../triage/drafts.ts';
import { ApiError, post } from '../kit/api.ts';
import { ago, dateTime } from '../kit/format.ts';
import { html, useState, type View } from '../kit/html.ts';
import { Fault } from '../kit/page.ts';
import { may } from '../kit/session.ts';
import { language, t } from '../kit/text.ts';

interface DraftProps {
  /** Of the issue's triage. */
  path: string;
  triage: TriageView;
  onDraft(): Promise<void>;
}

/** Nothing where no model is asked and no draft is there. */
export function DraftPart({ path, triage: { draft, model }, onDraft }: DraftProps): View {
  const [asking, setAsking] = useState(false);
  const [error, fail] = useState<ApiError | undefined>(undefined);
  const mayAsk = model !== undefined && may('crossdock.work');
  if (!draft && !mayAsk) return null;
  const ask = async (): Promise<void> => {
    setAsking(true);
    fail(undefined);
    try {
      await post(`${path}/draft`, { language: language.get() });
    } catch (thrown) {
      fail(thrown as ApiError);
    }
    await onDraft();
    setAsking(false);
  };
  return html`<div class="draft">
    <h3>${t('triage.draft')}</h3>
    <${Fault} error=${error} />
    ${draft && html`<${Written} draft=${draft} />`}
    ${
      mayAsk &&
      html`<p class="small">${t('triage.draftHelp', { model })}</p>
        <button type="button" disabled=${asking} onClick=${ask}>
          ${t(asking ? 'triage.asking' : 'triage.ask')}
        </button>`
    }
  </div>`;
}

function Written({ draft }: { draft: Draft }): View {
  const { claims, dropped, time, by, model } = draft;
  return html`<p class="notice">
      ${t('triage.draftMade', { model, by })}${' '}
      <time class="small" datetime=${time} title=${dateTime(time)}>${ago(time)}</time>
    </p>
    ${
      claims.length === 0
        ? html`<p>${t('triage.draftEmpty')}</p>`
        : html`<ul class="claims">
            ${claims.map((claim, at) => html`<${Sentence} key=${at} claim=${claim} />`)}
          </ul>`
    }
    ${dropped > 0 && html`<p class="small">${t('triage.dropped', { count: dropped })}</p>`}`;
}

function Sentence({ claim: { text, rests } }: { claim: Claim }): View {
  return html`<li>
    <p>${text}</p>
    <p class="small">${t('triage.restsOn')}: ${rests.map(restText).join('; ')}</p>
  </li>`;
}

function restText(rest: Rest): string {
  if (rest.is === 'help') {
    const what = t(`triage.${rest.kind}`, { detail: rest.detail });
    return `${rest.id} ${t('triage.helpRest', { what })}`;
  }
  const { id, time, flow, step, outcome, code } = rest;
  return `${id} ${dateTime(time)} ${flow} / ${step}: ${[outcome, code].filter(Boolean).join(' ')}`;
}
