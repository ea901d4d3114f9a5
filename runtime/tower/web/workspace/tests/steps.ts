/** Lets a sample or an exception through a flow and shows, node by node, what each got, gave and changed; the arrows go from step to step. */
import type { DryRun, Step } from '../../../../flow-test/trail.ts';
import type { SampleRow } from '../../../../workspace/samples.ts';
import { editorOf } from '../../kit/address.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { Code } from '../../kit/code.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { useFilter } from '../../kit/route.ts';
import { t } from '../../kit/text.ts';
import { ChangesTable } from '../../mend/changes.ts';

/** What goes through: a sample by its name, or an exception by its id. */
interface Message {
  flow: string;
  sample?: string;
  letter?: string;
}

export function StepThrough(): View {
  const { data } = usePolled<{ rows: SampleRow[] }>('/samples', 15);
  const [{ flow, letter, sample: wanted }, setFilter] = useFilter('flow', 'letter', 'sample');
  const [run, show] = useState<{ made: DryRun; message: Message }>();
  const [busy, work] = useState(false);
  const [failed, fail] = useState<ApiError>();
  const messages = messagesOf(data?.rows ?? [], flow, letter);
  const message = messages.find(({ sample }) => sample === (wanted || undefined)) ?? messages[0];
  const start = async (event: Event): Promise<void> => {
    event.preventDefault();
    if (!message) return;
    fail(undefined);
    show(undefined);
    work(true);
    try {
      show({ made: await post<DryRun>('/tests/step', message), message });
    } catch (error) {
      fail(error as ApiError);
    }
    work(false);
  };
  const pick = (event: Event): void =>
    setFilter({ sample: (event.currentTarget as HTMLSelectElement).value });
  return html`<section>
    <h2>${t('tests.step')}</h2>
    <p>${t('tests.stepHelp')}</p>
    ${
      message
        ? html`<form class="filters" onSubmit=${start}>
            <label>
              ${t('tests.sample')}
              <select value=${message.sample ?? ''} onChange=${pick}>
                ${messages.map((one) => html`<option key=${one.sample} value=${one.sample ?? ''}>${nameOf(one)}</option>`)}
              </select>
            </label>
            <button type="submit" disabled=${busy}>${t('tests.start')}</button>
          </form>`
        : html`<p><a href="/workspace/samples">${t('tests.noSamples')}</a></p>`
    }
    <${Fault} error=${failed} />
    <p role="status">${busy && t('tests.running')}</p>
    ${run && html`<${Steps} run=${run.made} message=${run.message} />`}
    ${run?.message.sample && html`<${KeepCase} flow=${run.made.flow} sample=${run.message.sample} />`}
  </section>`;
}

/** The exception that was asked for goes first. */
function messagesOf(rows: readonly SampleRow[], flow: string, letter: string): Message[] {
  const samples = rows.flatMap(({ name, source, problem }) =>
    source && !problem ? [{ flow: source, sample: name }] : [],
  );
  return flow && letter ? [{ flow, letter }, ...samples] : samples;
}

const nameOf = ({ sample, flow }: Message): string => sample ?? t('tests.letter', { flow });

function Steps({ run, message }: { run: DryRun; message: Message }): View {
  const [at, go] = useState(0);
  const { steps, problems, got } = run;
  const step = steps[at];
  const to = (next: number): void => go(Math.max(0, Math.min(steps.length - 1, next)));
  const walk = (event: KeyboardEvent): void => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && (event.target as Element).closest('.steps')) to(at + by);
  };
  const { status, code = '' } = got.answer ?? {};
  return html`${status !== undefined && html`<p>${t('tests.answer', { status, code })}</p>`}
  ${problems.map((one) => html`<p key=${one} class="notice">${one}</p>`)}
  ${
    step &&
    html`<div onKeyDown=${walk}>
      <p class="buttons steps">
        <button type="button" disabled=${at === 0} onClick=${() => to(at - 1)}>${t('tests.before')}</button>
        <button type="button" disabled=${at === steps.length - 1} onClick=${() => to(at + 1)}>
          ${t('tests.after')}
        </button>
      </p>
      <h3 aria-live="polite">${t('tests.place', { at: at + 1, count: steps.length, name: step.name })}</h3>
      <p><a href=${editorOf(run.flow, { ...message, step: String(at + 1) })}>${t('tests.atNode')}</a></p>
      <${OneStep} key=${at} step=${step} />
    </div>`
  }`;
}

function OneStep({ step: { got, gave, type } }: { step: Step }): View {
  return html`<p class="small">${type}</p>
    <div class="gotgave">
      <section>
        <h4>${t('tests.got')}</h4>
        ${
          got === undefined
            ? html`<p>${t('tests.nothingGot')}</p>`
            : html`<${Code} value=${textOf(got)} language="json" label=${t('tests.got')} readonly />`
        }
      </section>
      <section>
        <h4>${t('tests.gave')}</h4>
        ${gave.length === 0 && html`<p>${t('tests.nothingGiven')}</p>`}
        ${gave.map(({ output, message }, at) => {
          const label = t('tests.output', { output: output + 1 });
          return html`<${Code} key=${at} value=${textOf(message)} language="json" label=${label} readonly />`;
        })}
      </section>
    </div>
    ${gave.map(({ changes }, at) => changes.length > 0 && html`<${ChangesTable} key=${at} changes=${changes} />`)}`;
}

function KeepCase({ flow, sample }: { flow: string; sample: string }): View {
  const [name, setName] = useState(sample);
  const [done, setDone] = useState(false);
  const [failed, fail] = useState<ApiError>();
  const keep = async (event: Event): Promise<void> => {
    event.preventDefault();
    fail(undefined);
    setDone(false);
    try {
      await post('/tests/case', { flow, sample, name });
      setDone(true);
    } catch (error) {
      fail(error as ApiError);
    }
  };
  const type = (event: Event): void => setName((event.currentTarget as HTMLInputElement).value);
  return html`<form class="filters" onSubmit=${keep}>
      <label>${t('tests.caseName')} <input required value=${name} onInput=${type} /></label>
      <button type="submit">${t('tests.keep')}</button>
    </form>
    <${Fault} error=${failed} />
    <p role="status">${done && t('tests.kept', { flow })}</p>`;
}

function textOf(value: unknown): string {
  return value === undefined ? '' : JSON.stringify(value, undefined, 2);
}
