/** The last steps: the files as they will be, made all at once; the sample sent; tests; a release. */
import type { Planned } from '../../../../workspace/partner/guide.ts';
import type { Answer, Became } from '../../../../workspace/partner/send.ts';
import type { TestEvidence } from '../../../../authoring/author.ts';
import { ApiError, get, post } from '../../kit/api.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { token } from '../../kit/session.ts';
import { t } from '../../kit/text.ts';
import { choicesOf, type Change, type Draft } from './draft.ts';
import { openRows } from './mapping.ts';
import { variableOf, webhookPath } from '../../shared/naming.ts';
import { valueOf } from './webhook-fields.ts';
import { isNamed } from './who.ts';

export function useWork(): [
  working: boolean,
  failed: ApiError | undefined,
  run: (work: () => Promise<void>) => Promise<void>,
] {
  const [working, setWorking] = useState(false);
  const [failed, fail] = useState<ApiError>();
  const run = async (work: () => Promise<void>): Promise<void> => {
    setWorking(true);
    fail(undefined);
    await work().catch((error: unknown) => fail(error as ApiError));
    setWorking(false);
  };
  return [working, failed, run];
}

interface StepProps {
  draft: Draft;
  change: Change;
  secret: string;
}

export function Make({ draft, change, secret }: StepProps): View {
  const [planned, setPlanned] = useState<Planned>();
  const [working, failed, run] = useWork();
  const asked = { choices: choicesOf(draft), body: draft.body };
  const show = (): Promise<void> =>
    run(async () => setPlanned(await post<Planned>('/new-partner/plan', asked)));
  const make = (): Promise<void> =>
    run(async () => {
      await post('/new-partner/make', { ...asked, secret });
      change({ made: true });
    });
  const isWhole = isNamed(draft) && webhookPath.test(draft.path);
  const isOpen = !isWhole || openRows(draft).length > 0 || draft.id.length === 0 || draft.number.length === 0;
  const variable = variableOf(draft.name);
  return html`<p>${t('partner.makeHelp', { variable })}</p>
    ${isOpen && html`<p class="notice">${t('partner.stillOpen')}</p>`}
    <p class="buttons">
      <button type="button" disabled=${working || isOpen || draft.made} onClick=${show}>
        ${t('partner.show')}
      </button>
      <button
        type="button"
        class="primary"
        disabled=${working || isOpen || draft.made || secret === '' || !planned || planned.refused.length > 0}
        onClick=${make}
      >
        ${t('partner.make')}
      </button>
    </p>
    ${secret === '' && !draft.made && html`<p class="small">${t('partner.secretAgain')}</p>`}
    <${Fault} error=${failed} />
    <div role="status">
      ${draft.made && html`<p class="notice done">${t('partner.made', { variable })}</p>`}
    </div>
    ${planned?.refused.map(({ file, node, message }) => html`<p key=${message} class="fault">${file}: ${node} ${message}</p>`)}
    ${planned && !draft.made && planned.files.map((file) => html`<${File} key=${file.path} ...${file} />`)}`;
}

function File({ path, text, before }: Planned['files'][number]): View {
  return html`<details class="partner-file">
    <summary>
      <code>${path}</code>
      <span class="badge">${before === '' ? t('partner.new') : t('partner.changed')}</span>
    </summary>
    <pre tabindex="0">
${before === '' ? text : added(before, text).map((line) => html`<ins>${line}${'\n'}</ins>`)}</pre>
  </details>`;
}

/** Lines are only added. */
function added(before: string, text: string): string[] {
  const old = before.split('\n');
  let at = 0;
  return text.split('\n').filter((line) => {
    if (line !== old[at]) return true;
    at += 1;
    return false;
  });
}

const tries = 60;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export function Send({ draft }: { draft: Draft }): View {
  const [answer, setAnswer] = useState<Answer>();
  const [became, setBecame] = useState<Became>();
  const [working, failed, run] = useWork();
  const send = (): Promise<void> =>
    run(async () => {
      setBecame(undefined);
      const { name, path, signing, body } = draft;
      const answered = await post<Answer>('/new-partner/send', { name, path, signing, body });
      setAnswer(answered);
      if (answered.status !== 202) return;
      const query = new URLSearchParams({ id: answered.id, number: valueOf(draft, draft.number) }).toString();
      for (let left = tries; left > 0; left -= 1) {
        const now = await get<Became>(`/new-partner/became?${query}`);
        setBecame(now);
        if (now.state !== 'working') return;
        await pause(500);
      }
    });
  return html`<p>${t('partner.sendHelp')}</p>
    <p class="buttons">
      <button type="button" class="primary" disabled=${working} onClick=${send}>${t('partner.send')}</button>
    </p>
    <${Fault} error=${failed} />
    <div role="status">
      ${answer && html`<p>${t('partner.answered', { status: answer.status, code: answer.code })} ${answer.status === 202 ? '' : answer.message}</p>`}
      ${working && html`<p>${t('partner.working')}</p>`}
      ${became?.state === 'landed' && html`<p class="notice done">${t('partner.landed')} <a href=${became.order}>${t('partner.order')}</a> <span class="small">${became.detail}</span></p>`}
      ${
        became?.letter &&
        html`<p class="notice">
          ${t('partner.waits', { reason: became.letter.reason })}${' '}
          <a href=${became.letter.href}>${t('partner.repair')}</a>
        </p>`
      }
    </div>`;
}

export function Release({ draft }: { draft: Draft }): View {
  const [report, setReport] = useState<TestEvidence>();
  const [version, setVersion] = useState('');
  const [working, failed, run] = useWork();
  const test = (): Promise<void> =>
    run(async () => setReport(await post<TestEvidence>('/new-partner/tests', { name: draft.name })));
  const release = (): Promise<void> =>
    run(async () => setVersion(await cut(t('partner.note', { title: draft.title }))));
  return html`<p>${t('partner.testHelp')}</p>
    <p class="buttons">
      <button type="button" disabled=${working} onClick=${test}>${t('partner.test')}</button>
      <button type="button" class="primary" disabled=${working || report?.failed !== 0} onClick=${release}>
        ${t('partner.release')}
      </button>
    </p>
    <${Fault} error=${failed} />
    <div role="status">
      ${working && html`<p>${t('partner.busy')}</p>`}
      ${report && html`<p class=${report.failed === 0 ? 'notice done' : 'notice'}>${t('partner.tested', { passed: report.passed, failed: report.failed })}</p>`}
      ${report?.failures.map((one) => html`<p key=${one} class="fault">${one}</p>`)}
      ${version && html`<p class="notice done">${t('partner.released', { version })}</p>`}
    </div>`;
}

/** By the author's own call, which the editor uses too. */
async function cut(note: string): Promise<string> {
  const answer = await fetch('/crossdock/author/releases', {
    method: 'POST',
    headers: { authorization: `Bearer ${token() ?? ''}`, 'content-type': 'application/json' },
    body: JSON.stringify({ note }),
  });
  const { version = '', code = 'INTERNAL', message = '' } = (await answer.json()) as Record<string, string>;
  if (!answer.ok) throw new ApiError(code, message, answer.status);
  return version;
}
