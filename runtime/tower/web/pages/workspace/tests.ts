/** `/workspace/tests`: runs flow tests and shows what differed and what was reached; and one message step by step. */
import type { Coverage, TestReport, TestResult } from '../../../../flow-test/trail.ts';
import { editorOf } from '../../kit/address.ts';
import { post, type ApiError } from '../../kit/api.ts';
import { html, useState, type View } from '../../kit/html.ts';
import { Fault, Loading, Title, type Page } from '../../kit/page.ts';
import { usePolled } from '../../kit/poll.ts';
import { useFilter } from '../../kit/route.ts';
import { may } from '../../kit/session.ts';
import { Table, type Column } from '../../kit/table.ts';
import { t } from '../../kit/text.ts';
import { StepThrough } from '../../workspace/tests/steps.ts';

export const page: Page = {
  path: '/workspace/tests',
  nav: { text: 'tests.nav', order: 80 },
  view() {
    const { data, error, refresh } = usePolled<{ flows: string[] }>('/tests', 30);
    const able = may('crossdock.author') && may('crossdock.data');
    return html`<${Title} text=${t('tests.nav')} />
      <p>${t('tests.explained')}</p>
      <${Fault} error=${error} retry=${refresh} />
      ${!able && html`<p>${t('tests.mayNot')}</p>`}
      ${able && (data ? html`<${Run} flows=${data.flows} /><${StepThrough} />` : html`<${Loading} />`)}`;
  },
};

function Run({ flows }: { flows: string[] }): View {
  const [{ flow }, setFilter] = useFilter('flow');
  const [report, show] = useState<TestReport>();
  const [busy, work] = useState(false);
  const [failed, fail] = useState<ApiError>();
  const run = async (event: Event): Promise<void> => {
    event.preventDefault();
    fail(undefined);
    show(undefined);
    work(true);
    try {
      show(await post<TestReport>('/tests/run', flow ? { flow } : {}));
    } catch (error) {
      fail(error as ApiError);
    }
    work(false);
  };
  const choose = (event: Event): void =>
    setFilter({ flow: (event.currentTarget as HTMLSelectElement).value });
  return html`<form class="filters" onSubmit=${run}>
      <label>
        ${t('tests.flow')}
        <select value=${flow} onChange=${choose}>
          <option value="">${t('tests.all')}</option>
          ${flows.map((one) => html`<option key=${one} value=${one}>${one}</option>`)}
        </select>
      </label>
      <button type="submit" class="primary" disabled=${busy}>${t('tests.run')}</button>
    </form>
    ${flow && html`<p><a href=${editorOf(flow, { tests: 'run' })}>${t('tests.inEditor')}</a></p>`}
    <${Fault} error=${failed} />
    <p role="status">${busy && t('tests.running')}${report && summary(report)}</p>
    ${report && html`<${Report} report=${report} />`}`;
}

function summary({ passed, failed }: TestReport): string {
  const good = t('tests.passed', { count: passed });
  return failed === 0 ? good : `${good} ${t('tests.failed', { count: failed })}`;
}

function Report({ report }: { report: TestReport }): View {
  const results: Column<TestResult>[] = [
    { id: 'test', text: t('tests.test'), value: ({ test }) => test },
    { id: 'flow', text: t('tests.flow'), value: ({ flow }) => flow },
    { id: 'result', text: t('tests.result'), value: ({ passed }) => t(passed ? 'tests.good' : 'tests.bad') },
    {
      id: 'difference',
      text: t('tests.difference'),
      value: ({ differences }) => differences.join('\n'),
      view: ({ differences }) => differences.map((one) => html`<p key=${one}><code>${one}</code></p>`),
    },
  ];
  const coverage: Column<Coverage>[] = [
    { id: 'flow', text: t('tests.flow'), value: ({ flow }) => flow },
    {
      id: 'nodes',
      text: t('tests.nodes'),
      value: ({ taken, nodes }) => t('tests.of', { taken, all: nodes }),
    },
    {
      id: 'branches',
      text: t('tests.branches'),
      value: ({ takenBranches, branches }) => t('tests.of', { taken: takenBranches, all: branches }),
    },
    { id: 'missing', text: t('tests.missing'), value: ({ missing }) => missing.join(', ') },
  ];
  const flows = new Set(report.results.map(({ flow }) => flow));
  return html`<${Table}
      caption=${t('tests.results')}
      columns=${results}
      rows=${report.results}
      rowKey=${({ flow, test }: TestResult) => `${flow} ${test}`}
      empty=${t('tests.noTests')}
    />
    <h2>${t('tests.coverage')}</h2>
    <${Table}
      caption=${t('tests.coverage')}
      columns=${coverage}
      rows=${report.coverage.filter(({ flow }) => flows.has(flow))}
      rowKey=${({ flow }: Coverage) => flow}
      empty=${t('tests.noTests')}
      sortAs="sort-coverage"
    />`;
}
