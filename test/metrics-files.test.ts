/** What is shipped around /metrics: the page that explains it, the dashboard and the alerts name what there is. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse } from 'yaml';
import { openHub } from '../runtime/hub/open.ts';
import { createLog } from '../runtime/log/log.ts';
import { scraping } from '../runtime/metrics/scrape/scrape.ts';
import { metrics, outcomes, states, type Metric } from '../runtime/metrics/table.ts';
import { openReader } from '../runtime/reader/reader.ts';
import { describeReal } from './real.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const table: Record<string, Metric> = metrics;
const page = read('docs/operators/metrics.md');
const rules = 'deploy/prometheus/crossdock.rules.yml';

interface Rule {
  alert: string;
  expr: string;
  labels: { severity: string };
  annotations: { summary: string; action: string };
}
const alerts = (parse(read(rules)) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);

interface Panel {
  title: string;
  gridPos: { x: number; y: number; w: number; h: number };
  targets: { expr: string; legendFormat: string }[];
}
const dashboards = globSync('deploy/grafana/*.json', { cwd: root }).map((file) => ({
  file,
  panels: (JSON.parse(read(file)) as { panels: Panel[] }).panels,
}));

/** Prometheus's own, beside those of the table. */
const given = new Set(['up']);
const byPrometheus = new Set(['job', 'instance', 'le']);

/** What is wrong in an expression: metrics and labels that there are not, and words that a label never has. */
function wrongIn(expr: string): string[] {
  const wrong: string[] = [];
  const plain = expr.replaceAll(/\[[^\]]*\]/g, '').replaceAll('$__rate_interval', '5m');
  for (const [, group = ''] of plain.matchAll(/\bby \(([^)]*)\)/g))
    for (const label of group.split(/,\s*/))
      if (
        !byPrometheus.has(label) &&
        !Object.values(table).some(({ labels }) => labels.some((one) => one === label))
      )
        wrong.push(`by ${label}`);
  const named = plain
    .replaceAll(/\bby \([^)]*\)/g, '')
    .matchAll(/\b((?:crossdock|process)_\w+|up)\b(?:\{([^}]*)\})?/g);
  let some = false;
  for (const [, name = '', matchers = ''] of named) {
    some = true;
    const [metric, ending] = [/^(.*?)(_bucket|_sum|_count)?$/.exec(name)!].map(([, one, two]) => [
      one!,
      two,
    ])[0]!;
    const of = table[name] ?? (ending && table[metric!]?.type === 'histogram' ? table[metric!] : undefined);
    if (!of && !given.has(name)) wrong.push(name);
    for (const [, label = '', how = '', word = ''] of matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)) {
      const own = of?.labels.some((one) => one === label) ?? false;
      if (!own && !byPrometheus.has(label)) wrong.push(`${name}{${label}}`);
      const words: readonly string[] | undefined = { outcome: outcomes, state: states }[label];
      if (words && how === '=' && !words.includes(word)) wrong.push(`${name}{${label}="${word}"}`);
    }
  }
  if (!some) wrong.push('no metric');
  return wrong;
}

describe('the page of the metrics', () => {
  const rows = (of: Metric['of']) => {
    const from = page.indexOf(of === 'hub' ? '## Each hub tells' : '## One hub tells');
    const part = page.slice(from, page.indexOf('\n## ', from + 5));
    return [...part.matchAll(/^\| `(\w+)` +\| (\w+) +\| (.+?) +\| (.*?) *\| (\d+) +\| (.+?) +\|$/gm)].map(
      ([, ...cells]) => cells,
    );
  };

  for (const whose of ['hub', 'store'] as const)
    it(`has each of a ${whose} in its table, as it is counted, and no other`, () => {
      const counted = Object.entries(table)
        .filter(([, one]) => one.of === whose)
        .map(([name, { type, unit, labels, most, help }]) => {
          return [name, type, unit, labels.map((label) => `\`${label}\``).join(', '), String(most), help];
        });
      assert.deepEqual(rows(whose), counted);
    });

  it('has each outcome, and each alert', () => {
    const words = [...page.matchAll(/^\| `(\w+)` +\| [^|]+ \|$/gm)].map(([, word]) => word);
    assert.deepEqual(words, [...outcomes, ...alerts.map(({ alert }) => alert)]);
  });
});

describe('dashboard and alerts', () => {
  it('name only metrics and labels that there are', () => {
    for (const { alert, expr } of alerts) assert.deepEqual(wrongIn(expr), [], alert);
    for (const { panels } of dashboards)
      for (const { title, targets } of panels)
        for (const { expr } of targets) assert.deepEqual(wrongIn(expr), [], title);
  });

  it('would be refused for a metric, a label or a word that there is not', () => {
    const wrong = (expr: string) => wrongIn(expr).join();
    assert.equal(wrong('rate(crossdock_retry_total[5m])'), 'crossdock_retry_total');
    assert.equal(wrong('crossdock_queue_messages_bucket'), 'crossdock_queue_messages_bucket');
    assert.equal(wrong('crossdock_queue_messages{flow="a"}'), 'crossdock_queue_messages{flow}');
    assert.equal(wrong('sum by (customer) (crossdock_hubs)'), 'by customer');
    assert.equal(
      wrong('crossdock_letters_waiting{state="closed"}'),
      'crossdock_letters_waiting{state="closed"}',
    );
    assert.equal(wrong('vector(1)'), 'no metric');
  });

  it('show every metric that is counted', () => {
    const all = [
      ...alerts.map(({ expr }) => expr),
      ...dashboards.flatMap(({ panels }) => panels.flatMap(({ targets }) => targets.map(({ expr }) => expr))),
    ].join('\n');
    const unseen = Object.keys(table).filter((name) => !all.includes(name));
    assert.deepEqual(unseen, ['crossdock_folded_total', 'process_start_time_seconds']);
  });

  it('each alert says how urgent it is, what is wrong and what to do', () => {
    for (const { alert, labels, annotations } of alerts) {
      assert.match(alert, /^Crossdock[A-Z]/);
      assert.match(labels.severity, /^(page|ticket)$/, alert);
      assert.ok(annotations.summary && annotations.action, alert);
    }
  });

  it('each panel of a dashboard has its place, a title of its own and names for its lines', () => {
    for (const { file, panels } of dashboards) {
      assert.equal(new Set(panels.map(({ title }) => title)).size, panels.length, file);
      const places = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
        Array.from({ length: w * h }, (_, n) => `${x + (n % w)} ${y + Math.floor(n / w)}`),
      );
      assert.equal(new Set(places).size, places.length, `${file}: panels on each other`);
      for (const { title, targets } of panels)
        assert.ok(targets.length === 1 || targets.every(({ legendFormat }) => legendFormat), title);
    }
  });
});

describeReal(['promtool'], 'promtool', ({ promtool }) => {
  const run = (args: string[], input = ''): string => {
    const { status, stdout, stderr } = spawnSync(promtool.path, args, { cwd: root, input, encoding: 'utf8' });
    assert.equal(status, 0, stdout + stderr);
    return stdout + stderr;
  };

  it('finds nothing wrong with the alerts and the configuration', () => {
    run(['check', 'rules', '--lint=all', '--lint-fatal', rules]);
    run(['check', 'config', '--syntax-only', 'deploy/prometheus/prometheus.yml']);
  });

  it('sees the alerts come and go as they should', () => {
    run(['test', 'rules', 'test/metrics/rules.test.yml']);
  });

  it('reads the text of /metrics, and finds nothing wrong with it', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-metrics-'));
    const log = createLog({ level: 'silent' });
    const hub = await openHub({
      profile: 'embedded',
      dataDir: dir,
      definitionsDir: 'definitions',
      env: {},
      log,
    });
    const reader = await openReader({ profile: 'embedded', dataDir: dir, env: {} });
    const scrapes = scraping(hub, reader);
    hub.figures.answered('/hooks/a "quoted" \\ path', 202);
    hub.figures.calls('Shop\nAPI')('answer lost');
    hub.figures.series.time('crossdock_message_seconds', { flow: 'a', outcome: 'done' }, 0.1);
    for (const what of ['retries', 'dead_letters', 'outages'] as const)
      hub.figures.failed(what, 'a', 'ODOO_BUSY');
    const text = await scrapes.text();
    scrapes.end();
    await reader.close();
    await hub.close();
    rmSync(dir, { recursive: true });
    assert.equal(run(['check', 'metrics'], text), '');
  });
});
