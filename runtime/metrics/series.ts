/** Counts in memory, by labels that are known: a word that is in no file of the hub never becomes a series. */
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  ends,
  metrics,
  OTHER,
  type CounterName,
  type GaugeName,
  type HistogramName,
  type Label,
  type LabelsOf,
  type Metric,
  type MetricName,
} from './table.ts';

/** Whether a word may stand for this label, beside the others of its set. */
export type Vocabulary = Record<Label, (word: string, labels: Partial<Record<Label, string>>) => boolean>;

export interface GaugeRow<Labels = Words> {
  labels: Labels;
  value: number;
}

export interface Series {
  count<Name extends CounterName>(name: Name, labels: LabelsOf<Name>, by?: number): void;
  time<Name extends HistogramName>(name: Name, labels: LabelsOf<Name>, seconds: number): void;
  /** Its values from now on, and no others. Those that are folded are added up, or the highest of them counts. */
  set(name: GaugeName, rows: readonly GaugeRow[], fold?: 'sum' | 'highest'): void;
  /** In the text format of Prometheus. */
  text(): Promise<string>;
  readonly contentType: string;
}

type Words = Record<string, string>;

export function openSeries(known: Vocabulary): Series {
  const registry = new Registry();
  const seen = new Map<string, Set<string>>();
  const all = new Map<string, Counter | Gauge | Histogram>();
  for (const [name, { type, help, labels }] of Object.entries<Metric>(metrics)) {
    const options = { name, help, labelNames: [...labels] as string[], registers: [registry] };
    seen.set(name, new Set());
    if (type === 'counter') all.set(name, new Counter(options));
    else if (type === 'gauge') all.set(name, empty(new Gauge(options)));
    else all.set(name, new Histogram({ ...options, buckets: [...ends] }));
  }
  const counter = (name: CounterName) => all.get(name) as Counter;
  const gauge = (name: GaugeName) => all.get(name) as Gauge;
  const histogram = (name: HistogramName) => all.get(name) as Histogram;

  /** The labels as they are counted. Throws for a label that the metric does not have. */
  function fit(name: MetricName, labels: Words): Words {
    const { labels: names, most }: Metric = metrics[name];
    const sets = seen.get(name)!;
    if (sets.has(keyOf(names, labels))) return labels;
    const strange = Object.keys(labels).find((label) => !names.some((one) => one === label));
    if (strange !== undefined) throw new Error(`${name} has no label ${strange}`);
    const words = names.map((label) => (known[label](labels[label]!, labels) ? labels[label]! : OTHER));
    const fitting = Object.fromEntries(names.map((label, at) => [label, words[at]!]));
    const key = keyOf(names, fitting);
    const room = sets.has(key) || sets.size < most;
    if (room) sets.add(key);
    if (room && words.every((word, at) => word === labels[names[at]!])) return labels;
    counter('crossdock_folded_total').inc();
    return room ? fitting : Object.fromEntries(names.map((label) => [label, OTHER]));
  }

  return {
    count: (name, labels, by = 1) => counter(name).inc(fit(name, labels), by),
    time: (name, labels, seconds) => histogram(name).observe(fit(name, labels), seconds),
    set(name, rows, fold = 'sum') {
      const values = new Map<string, { labels: Words; value: number }>();
      seen.get(name)!.clear();
      for (const { labels, value } of rows) {
        const fitting = fit(name, labels);
        const key = JSON.stringify(fitting);
        const before = values.get(key)?.value;
        const both = fold === 'sum' ? (before ?? 0) + value : Math.max(before ?? value, value);
        values.set(key, { labels: fitting, value: both });
      }
      const one = empty(gauge(name));
      for (const { labels, value } of values.values()) one.set(labels, value);
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

function keyOf(names: readonly string[], labels: Words): string {
  let key = '';
  for (const label of names) key += `${labels[label]}\0`;
  return key;
}

/** Without labels a new one is 0, which would be a figure without a basis. */
function empty(gauge: Gauge): Gauge {
  gauge.reset();
  gauge.remove({});
  return gauge;
}
