/** What is known about an issue: the meaning of its code, what to do, and what helped here before. */
import type { TriageView } from '../../../node-red/tower/triage.ts';
import type { Help } from '../../../triage/past.ts';
import type { Near } from '../../../triage/tried.ts';
import { ago, dateTime } from '../kit/format.ts';
import { html, type View } from '../kit/html.ts';
import { Fault, Loading } from '../kit/page.ts';
import { usePolled } from '../kit/poll.ts';
import { t, textOf } from '../kit/text.ts';
import { DraftPart } from './draft.ts';

interface TriageProps {
  /** Of the issue. */
  id: string;
  /** Its history has more in it now. */
  onDraft(): Promise<void>;
}

export function Triage({ id, onDraft }: TriageProps): View {
  const path = `/triage/${encodeURIComponent(id)}`;
  const { data, error, refresh } = usePolled<TriageView>(path, 60);
  const changed = async (): Promise<void> => void (await Promise.all([refresh(), onDraft()]));
  return html`<section class="panel triage">
    <h2>${t('triage.title')}</h2>
    <${Fault} error=${error} retry=${refresh} />
    ${data ? html`<${Known} id=${id} triage=${data} />` : !error && html`<${Loading} />`}
    ${data && html`<${DraftPart} path=${path} triage=${data} onDraft=${changed} />`}
  </section>`;
}

function Known({ id, triage }: { id: string; triage: TriageView }): View {
  const { code, known, past } = triage;
  return html`${known && html`<${Meaning} code=${code} known=${known} />`}
    <h3>${t('triage.helped')}</h3>
    ${
      past.helps.length === 0
        ? html`<p>${t('triage.never')}</p>`
        : html`<ol class="helped">
              ${past.helps.map((help) => html`<${Helped} key=${keyOf(help)} id=${id} help=${help} />`)}
            </ol>
            <p class="small">${t('triage.formula', { looked: past.looked })}</p>`
    }`;
}

function Meaning({ code, known }: { code: string; known: NonNullable<TriageView['known']> }): View {
  const { meaning, owner, retryable, steps } = known;
  return html`<h3>${t('triage.means')}</h3>
    <p>${meaning}</p>
    <h3>${t('triage.do')}</h3>
    <p>
      ${t('runbook.who', { owner: textOf(`runbook.owner-${owner}`) ?? owner })}
      ${' '}${t(retryable ? 'runbook.retryable' : 'runbook.lasting')}
    </p>
    <ol>
      ${steps.map((step) => html`<li key=${step}>${step}</li>`)}
    </ol>
    <p><a href=${`/tower/codes/${code}`}>${t('issues.runbook', { code })}</a></p>`;
}

function keyOf({ near, kind, detail }: Help): string {
  return `${near} ${kind} ${detail}`;
}

const places = {
  cause: 'triage.nearCause',
  place: 'triage.nearPlace',
  code: 'triage.nearCode',
} as const satisfies Record<Near, string>;

interface HelpedProps {
  /** Of the issue that is shown. */
  id: string;
  help: Help;
}

function Helped({ id, help }: HelpedProps): View {
  const { kind, near, detail, last, by } = help;
  return html`<li>
    <p><strong>${t(`triage.${kind}`, { detail })}</strong>${': '}<${Came} help=${help} /></p>
    <p class="small">
      ${t(places[near])}, <time datetime=${last} title=${dateTime(last)}>${ago(last)}</time>,${' '}
      ${t('triage.lastBy', { by })} <${Links} id=${id} help=${help} />
    </p>
  </li>`;
}

function Came({ help: { kind, times, worked, failed } }: { help: Help }): View {
  if (kind === 'discard') return t('triage.givenUp', { count: times });
  const open = times - worked - failed;
  return html`<span class=${worked > 0 ? 'good' : 'bad'}>${t('triage.of', { worked, times })}</span>
    ${failed > 0 && html`, ${t('triage.failed', { count: failed })}`}
    ${open > 0 && html`, ${t('triage.openYet', { count: open })}`}`;
}

function Links({ id, help: { kind, detail, issue, letter, replay } }: HelpedProps): View {
  const links = [
    kind === 'map' && ([`/workspace/values/${detail}`, t('triage.valueMap')] as const),
    letter !== undefined && ([`/tower/letters/${encodeURIComponent(letter)}`, t('triage.letter')] as const),
    issue !== '' && issue !== id && ([`/tower/issues/${issue}`, t('triage.issue')] as const),
    replay !== undefined && ([`/tower/replays/${replay}`, t('triage.replay')] as const),
  ];
  return links.map((link) => link && html` <a key=${link[0]} href=${link[0]}>${link[1]}</a>`);
}
