/** The second step: a real request and the secret, and how it is signed. */
import type { Looked, Proposal } from '../../../../workspace/partner/guide.ts';
import type { Tried } from '../../../../workspace/partner/recognise.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { t } from '../../kit/text.ts';
import { mark, typed, type Change, type Draft } from './draft.ts';
import { ByHand } from './hand.ts';
import { pathOf, variableOf } from '../../shared/naming.ts';
import { isNamed } from './who.ts';

interface RequestProps {
  draft: Draft;
  change: Change;
  secret: string;
  setSecret(secret: string): void;
}

export function Request({ draft, change, secret, setSecret }: RequestProps): View {
  const [failed, fail] = useState<ApiError>();
  const look = async (signing?: Record<string, string>): Promise<void> => {
    fail(undefined);
    try {
      const asked = { text: draft.text, secret, ...(signing && { signing }) };
      const found = await post<Looked>('/new-partner/look', asked);
      const about = { sends: draft.sends, name: draft.name, body: found.body };
      change(lookedAt(draft, found, await post<Proposal>('/new-partner/propose', about)));
    } catch (error) {
      if (!signing) change({ signing: undefined, tried: undefined, rows: [] } as Partial<Draft>);
      fail(error as ApiError);
    }
  };
  const submit = (event: Event): void => {
    event.preventDefault();
    void look();
  };
  const again = draft.text.includes(mark);
  const ready = draft.text.trim() !== '' && !again && secret !== '' && isNamed(draft);
  return html`<form onSubmit=${submit}>
    <div class="form-field">
      <label for="partner-request">${t('partner.request')}</label>
      <textarea
        id="partner-request"
        rows="10"
        spellcheck=${false}
        aria-describedby="partner-request-help"
        value=${draft.text}
        onInput=${(event: Event) => change({ text: typed(event) })}
      />
      <span id="partner-request-help" class="small">${t('partner.requestHelp')}</span>
      ${again && html`<span class="small wrong" role="status">${t('partner.pasteAgain')}</span>`}
    </div>
    <div class="form-field partner-secret">
      <label for="partner-secret">${t('partner.secret')}</label>
      <input
        id="partner-secret"
        type="password"
        autocomplete="off"
        aria-describedby="partner-secret-help"
        value=${secret}
        onInput=${(event: Event) => setSecret(typed(event).trim())}
      />
      <span id="partner-secret-help" class="small">${t('partner.secretHelp')}</span>
    </div>
    <p class="buttons">
      <button type="submit" class="primary" disabled=${!ready}>${t('partner.look')}</button>
    </p>
    <${Fault} error=${failed} />
    <div role="status">
      ${draft.signing && html`<${Signed} draft=${draft} />`}
      ${!draft.signing && draft.tried && html`<${Unknown} ...${draft.tried} />`}
    </div>
    ${
      (draft.signing ?? draft.tried) &&
      html`<${ByHand}
        ...${{ draft, change, ready }}
        use=${(signing: Record<string, string>) => void look(signing)}
      />`
    }
  </form>`;
}

function lookedAt(draft: Draft, found: Looked, proposal: Proposal): Partial<Draft> {
  const { signing, unproved, tried, hint, body, path } = found;
  const usual = pathOf(draft.name, draft.sends);
  const { id = [], number = [] } = proposal.ids.chosen;
  const from = Object.fromEntries(
    proposal.rows.flatMap((row) => (row.from ? [[row.target, row.from] as const] : [])),
  );
  return {
    signing,
    unproved,
    tried: { tried, ...(hint && { hint }) },
    body,
    path: draft.path && draft.path !== usual ? draft.path : path || usual,
    ids: proposal.ids,
    id,
    number,
    paths: proposal.paths,
    rows: proposal.rows,
    from,
    looked: [],
    made: false,
  } as Partial<Draft>;
}

function Signed({ draft: { signing, unproved, name } }: { draft: Draft }): View {
  if (!signing) return null;
  const facts = Object.entries(signing).filter(([, value]) => value !== '');
  const holdsAddress = signing.template?.includes('://') ?? false;
  return html`<div class=${unproved ? 'notice' : 'notice done'}>
    <p><strong>${t(unproved ? 'partner.unproved' : 'partner.recognised')}</strong></p>
    ${holdsAddress && html`<p>${t('partner.signedAddress')}</p>`}
    <dl class="facts">
      ${facts.map(
        ([name, value]) =>
          html`<div key=${name}>
            <dt>${t(`partner.signing-${name}` as 'partner.signing-scheme')}</dt>
            <dd><code>${value}</code></dd>
          </div>`,
      )}
    </dl>
    <p>${t('partner.variable', { variable: variableOf(name) })}</p>
  </div>`;
}

function Unknown({ tried, hint }: { tried: readonly Tried[]; hint?: string }): View {
  return html`<div class="fault" role="alert">
    <p>${t('partner.unknown')}</p>
    ${hint && html`<p>${t(`partner.hint-${hint}` as 'partner.hint-no-header')}</p>`}
    ${
      tried.length > 0 &&
      html`<p>${t('partner.tried')}</p>
        <ul>
          ${tried.map(
            ({ scheme, header, templates, why }) =>
              html`<li key=${`${scheme} ${header}`}>
                <code>${scheme}</code> ${t('partner.triedAt', { header })}
                ${' '}<code>${templates.join('  ')}</code>${' '}${t(`partner.tried-${why}`)}
              </li>`,
          )}
        </ul>`
    }
  </div>`;
}
