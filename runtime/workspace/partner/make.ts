/** A new partner as files: its own file, event and schema, mapping, flow, the tests of both, and its place in the flow that takes such documents. */
import { parseDocument, stringify } from 'yaml';
import { CodedError } from '../../errors/coded-error.ts';
import { nodeTag } from '../../flow-file/format.ts';
import { variableOf } from '../../tower/web/shared/naming.ts';
import { mappingText } from './compose.ts';
import { sent, type Sends } from './kinds.ts';
import type { Row } from './row.ts';
import type { Signing } from './signing.ts';
import { pathText } from './sample.ts';

export interface Draft {
  /** `acme-outdoor`: what its documents have as their source. */
  name: string;
  title: string;
  owner: string;
  sends: Sends;
  /** Of the webhook, without `/hooks`. */
  path: string;
  signing: Signing;
  /** What tells one message from another. */
  id: readonly string[];
  /** The number that people use. */
  number: readonly string[];
  rows: readonly Row[];
}

export interface Beside {
  /** Masked, and what the mapping makes of it. */
  sample: unknown;
  expected: unknown;
  /** The schema of what it becomes: `order.v1`. */
  schema: string;
  /** The flow whose event it becomes, and its file. */
  taker: { flow: string; text: string };
  /** Files of environments that list the variables to be set. */
  environments: ReadonlyMap<string, string>;
}

/** Each file's text by its path. Throws CodedError REQUEST_INVALID where it has no place in the flow that takes it. */
export function filesOf(draft: Draft, beside: Beside): Map<string, string> {
  const { name, title } = draft;
  const { noun } = sent[draft.sends];
  const mapping = `${name}.${noun}`;
  const flow = `${name}-intake`;
  return new Map([
    [`definitions/partners/${name}.yaml`, partnerText(draft)],
    [`definitions/schemas/${mapping}.v1.json`, schemaText(draft, mapping)],
    [`definitions/events/${eventOf(draft)}.yaml`, eventText(draft, mapping)],
    [
      `definitions/mappings/${mapping}.jsonata`,
      mappingText(draft.rows, `What ${title} sends, as ${beside.schema}.`),
    ],
    [`definitions/mappings/${mapping}.test.yaml`, mappingTest(beside)],
    [`flows/${flow}.yaml`, flowText(draft, flow)],
    [`flows/${flow}.test.yaml`, flowTest(draft, flow, beside)],
    [`flows/${beside.taker.flow}.yaml`, takerText(draft, beside, mapping)],
    ...[...beside.environments].map(([path, text]): [string, string] => [
      path,
      withSecret(text, variableOf(name)),
    ]),
  ]);
}

export function eventOf({ name, sends }: Pick<Draft, 'name' | 'sends'>): string {
  return `${name}.${sent[sends].event}.v1`;
}

const yaml = (value: unknown): string => stringify(value, { singleQuote: true, lineWidth: 0 });

function partnerText({ name, title, owner, sends }: Draft): string {
  return yaml({ partner: name, owner, summary: `${title}. It sends ${sends} by webhook.` });
}

function schemaText({ title, id }: Draft, mapping: string): string {
  const [root = 'id'] = id;
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:crossdock:schema:${mapping}.v1`,
    title: `What ${title} sends`,
    description: 'As verified. Only what identifies it is checked here; the mapping checks the rest.',
    type: 'object',
    required: [root],
    properties: { [root]: {} },
  };
  return `${JSON.stringify(schema, null, 2)}\n`;
}

function eventText(draft: Draft, mapping: string): string {
  return yaml({
    type: eventOf(draft),
    version: '1.0.0',
    owner: `${draft.name}-intake`,
    summary: `${draft.title} sent one of its ${draft.sends}. The data is its message, unchanged.`,
    schema: `../schemas/${mapping}.v1.json`,
    compatibility: 'backward',
  });
}

function mappingTest({ schema, sample, expected }: Beside): string {
  return yaml({
    schema: `schemas/${schema}.json`,
    cases: [{ case: 'the sample it was made from', given: sample, expect: expected }],
  });
}

function flowText(draft: Draft, flow: string): string {
  const { name, title, sends, path, signing } = draft;
  const settings = Object.entries(signing)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `    ${yaml({ [key]: value }).trimEnd()}\n`)
    .join('');
  const text = (value: string): string => yaml(value).trimEnd();
  const entry = `${sends} from ${title}`;
  return `flow: ${flow}
version: 1.0.0
summary: ${text(`Takes signed ${sends} from ${title}, counts each once and stages them.`)}
owner: ${draft.owner}
tier: critical
nodes:
  ${text(entry)}:
    type: webhook-in
    path: ${path}
    to: signature
  signature:
    type: webhook-verify
${settings}    secrets: \${${variableOf(name)}}
    to:
      verified: once
  once:
    type: idempotency-guard
    store: !node claims
    key: ${text(`$string(payload.${pathText(draft.id)}) & '/' & webhook.verified.digest`)}
    to:
      new: stage
  stage:
    type: event-publish
    broker: !node hub broker
    event: ${eventOf(draft)}
    source: ${name}
    subject: ${text(`$string(payload.${pathText(draft.number)})`)}
layout:
  ${text(entry)}: [160, 120]
  signature: [400, 120]
  once: [600, 120]
  stage: [780, 120]
`;
}

function flowTest(draft: Draft, flow: string, { sample, taker }: Beside): string {
  const { becomes } = sent[draft.sends];
  const { name, path } = draft;
  return yaml({
    flow,
    with: [taker.flow],
    tests: [
      {
        test: 'what is signed is staged once, and becomes the canonical document',
        given: { webhook: path, body: sample },
        also: ['duplicate'],
        expect: {
          answer: { status: 202 },
          events: [
            { type: eventOf(draft), source: name },
            { type: becomes, source: name },
          ],
        },
      },
      {
        test: 'what is not signed is refused and goes nowhere',
        given: { webhook: path, body: sample, unsigned: true },
        expect: { answer: { status: 401, code: 'SIGNATURE_INVALID' }, events: [] },
      },
    ],
  });
}

/** Two nodes more in the flow that owns the canonical event, before its layout and at the end of it. */
function takerText(draft: Draft, { taker, schema }: Beside, mapping: string): string {
  const { becomes } = sent[draft.sends];
  const lines = taker.text.trimEnd().split('\n');
  const layout = lines.indexOf('layout:');
  const content = parseDocument(taker.text, { customTags: [nodeTag] }).toJS() as {
    nodes?: Record<string, { type?: string; event?: string }>;
    layout?: Record<string, [number, number]>;
  };
  const publisher = Object.entries(content.nodes ?? {}).find(
    ([, node]) => node.type === 'event-publish' && node.event === becomes,
  )?.[0];
  const [entry, map] = [`${draft.title} ${draft.sends}`, `map ${draft.title} ${sent[draft.sends].noun}`];
  if (publisher === undefined || layout === -1 || content.nodes?.[entry] || content.nodes?.[map])
    throw new CodedError(
      'REQUEST_INVALID',
      `The flow ${taker.flow} has no place for ${draft.title}: it publishes no ${becomes}, or has nodes called so`,
    );
  const text = (value: string): string => yaml(value).trimEnd();
  const nodes = `  ${text(entry)}:
    type: event-consume
    broker: !node hub broker
    types:
      - ${eventOf(draft)}
    queue: ${taker.flow}.${draft.name}${draft.sends === 'orders' ? '' : `-${draft.sends}`}
    to: ${text(map)}
  ${text(map)}:
    type: canonical-map
    file: ${mapping}
    schema: ${schema}
    to: ${text(publisher)}`;
  const lowest = Math.max(0, ...Object.values(content.layout ?? {}).map(([, y]) => y));
  const places = [`  ${text(entry)}: [140, ${lowest + 80}]`, `  ${text(map)}: [420, ${lowest + 80}]`];
  return [...lines.slice(0, layout), nodes, ...lines.slice(layout), ...places, ''].join('\n');
}

/** As the last of its secrets. */
function withSecret(text: string, variable: string): string {
  const lines = text.split('\n');
  const from = lines.indexOf('secrets:');
  if (from === -1 || lines.includes(`  - ${variable}`)) return text;
  let at = from + 1;
  while (lines[at]?.startsWith('  - ')) at += 1;
  return lines.toSpliced(at, 0, `  - ${variable}`).join('\n');
}
