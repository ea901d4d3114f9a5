/** The guide to a new partner: from a pasted request to files that are checked, saved together, and run. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { asCoded, CodedError } from '../../errors/coded-error.ts';
import type { Catalogue } from '../../events/catalogue.ts';
import { readFiles } from '../../flow-file/disk.ts';
import { nodeTag } from '../../flow-file/format.ts';
import { compileMapping, mappingVariables } from '../../map/mapping.ts';
import type { Partners } from '../../partners/partners.ts';
import type { ValueMaps } from '../../values/value-maps.ts';
import {
  checkFiles,
  listFiles,
  readFile,
  saveFiles,
  type Change,
  type Checked,
  type Saved,
  type Workbench,
} from '../files.ts';
import { mask } from '../mask.ts';
import type { Finding } from '../../lint/rule.ts';
import { variableOf } from '../../tower/web/shared/naming.ts';
import { demandSecret } from '../../secrets/secret-file.ts';
import { mappingText } from './compose.ts';
import { fieldsOf } from './fields.ts';
import { sent, type Sends } from './kinds.ts';
import { filesOf, type Draft } from './make.ts';
import { propose } from './propose.ts';
import { byHand, recognise, type Recognised } from './recognise.ts';
import { readPasted } from './request.ts';
import type { From, Row } from './row.ts';
import { seenIn, pathText, type Seen } from './sample.ts';
import { messageIn } from './shape.ts';
import type { Signing } from './signing.ts';
import { taxProblem } from './tax-sum.ts';
import { idsIn, type Ids } from './ids.ts';

/** What the guide reads of the hub. */
export interface GuideHub {
  definitionsDir: string;
  catalogue: Catalogue;
  values: ValueMaps;
  partners: Partners;
}

export interface Looked extends Recognised {
  /** Where the request was sent, below `/hooks`; empty where it does not say. */
  path: string;
}

/**
 * `signing`: as a person says it is signed, where it is not recognised. Throws CodedError REQUEST_INVALID for no request,
 * for a secret that can be none, and for what is no object; BODY_NOT_JSON with the place.
 */
export function look(text: string, secret: string, signing?: Signing): Looked {
  demandSecret(secret);
  const pasted = readPasted(text);
  messageIn(pasted.body);
  const found = signing ? byHand(pasted, signing, secret) : recognise(pasted, secret);
  const path = /\/hooks(\/[\w./-]+)/.exec(pasted.url)?.[1] ?? '';
  return { ...found, path };
}

export interface PathOf {
  path: string;
  /** Of the list, in which the path begins. */
  list: string;
  value: string;
}

export interface Proposal {
  rows: Row[];
  ids: Ids;
  paths: PathOf[];
}

/** What is an order itself, or changes one: its id is the order's. */
const orders: ReadonlySet<Sends> = new Set(['orders', 'updates', 'cancellations']);

export function proposal(hub: GuideHub, sends: Sends, name: string, body: string): Proposal {
  const sample = messageIn(body);
  const seen = seenIn(sample);
  return {
    rows: propose(fieldsOf(schemaOf(hub, sends)), sample, name),
    ids: idsIn(seen, !orders.has(sends)),
    paths: pathsOf(seen),
  };
}

function pathsOf({ leaves, lists }: Seen): PathOf[] {
  return [
    ...lists.map(({ names, items }) => ({ path: pathText(names), list: '', value: `[${items.length}]` })),
    ...leaves.map(({ names, list, value }) => ({
      path: pathText(names.slice(list)),
      list: pathText(names.slice(0, list)),
      value: String(value).slice(0, 60),
    })),
  ];
}

function schemaOf({ catalogue, definitionsDir }: GuideHub, sends: Sends): object {
  return JSON.parse(
    readFileSync(join(definitionsDir, 'schemas', `${shapeOf(catalogue, sends)}.json`), 'utf8'),
  ) as object;
}

/** `order.v1` */
function shapeOf(catalogue: Catalogue, sends: Sends): string {
  const { dataschema = '' } = catalogue.get(sent[sends].becomes);
  return dataschema.replace(/^urn:crossdock:schema:/, '');
}

/** What a person chose, of each field by its target. */
export interface Choices extends Omit<Draft, 'rows'> {
  from: Readonly<Record<string, From>>;
}

export interface Tried {
  mapping: string;
  result?: unknown;
  problem?: { code: string; message: string; path?: string };
}

/** The result for the sample, and whether it fits the schema. */
export async function tryMapping(hub: GuideHub, choices: Choices, body: unknown): Promise<Tried> {
  const inline = mappingText(rowsOf(hub, choices), `What ${choices.title} sends.`);
  const run = async (schema?: string): Promise<unknown> =>
    compileMapping({
      dir: hub.definitionsDir,
      inline,
      title: 'The mapping',
      values: hub.values,
      partners: hub.partners,
      variables: mappingVariables,
      ...(schema && { schema }),
    }).run(body, { event: {}, webhook: {} });
  let result: unknown;
  try {
    result = await run();
    await run(`schemas/${shapeOf(hub.catalogue, choices.sends)}.json`);
    const taxes = taxProblem(result);
    return { mapping: inline, result, ...(taxes && { problem: { code: 'TOTALS_DIFFER', ...taxes } }) };
  } catch (error) {
    const { code, message, facts } = asCoded(error);
    const path = typeof facts['path'] === 'string' ? facts['path'] : undefined;
    const problem = { code, message, ...(path !== undefined && { path }) };
    return { mapping: inline, ...(result !== undefined && { result }), problem };
  }
}

function rowsOf(hub: GuideHub, { name, sends, from }: Choices): Row[] {
  // The source is the partner, whatever it was called when the draft was made.
  const all: Choices['from'] = { ...from, source: { fixed: name } };
  return fieldsOf(schemaOf(hub, sends)).map((field) => {
    const own = Object.hasOwn(all, field.target) ? all[field.target] : undefined;
    return { ...field, state: 'sure', ...(own && { from: own }) };
  });
}

export interface Planned extends Checked {
  files: (Change & { text: string; before: string })[];
}

/** All files as they would be. Throws CodedError REQUEST_INVALID for a name or path that is taken, and what the mapping fails with. */
export async function plan(
  bench: Workbench,
  hub: GuideHub,
  choices: Choices,
  body: string,
): Promise<Planned> {
  const files = await changesOf(bench, hub, choices, body);
  const { findings, refused } = await checkFiles(bench, files);
  // The secret comes when it is made.
  const needs = `needs ${variableOf(choices.name)},`;
  const stands = ({ code, message }: Finding): boolean =>
    code !== 'NAME_MISSING' || !message.startsWith(needs);
  return { files, findings: findings.filter(stands), refused: refused.filter(stands) };
}

/** All of it or nothing: also where the last step fails, what was there before is back. */
export async function make(
  bench: Workbench,
  hub: GuideHub,
  choices: Choices,
  body: string,
  by: string,
): Promise<Saved> {
  const changes = await changesOf(bench, hub, choices, body);
  const next = changes.map(({ path, text, revision }) => ({ path, text, revision }));
  try {
    return await saveFiles(bench, next, by);
  } catch (error) {
    // The first error is the one to tell.
    await takenBack(bench, changes, by).catch(() => {});
    throw error;
  }
}

async function takenBack(bench: Workbench, changes: Planned['files'], by: string): Promise<void> {
  const back: Change[] = [];
  for (const { path, text, before } of changes) {
    const now = await readFile(bench, path);
    if (now.text === text && text !== before)
      back.push({ path, text: before === '' ? null : before, revision: now.revision });
  }
  if (back.length > 0) await saveFiles(bench, back, by);
}

async function changesOf(
  bench: Workbench,
  hub: GuideHub,
  choices: Choices,
  body: string,
): Promise<Planned['files']> {
  const sample = mask(messageIn(body), randomUUID()).value;
  demandIds(choices);
  await refuseTaken(bench, hub, choices);
  const { result, problem } = await tryMapping(hub, choices, sample);
  if (problem)
    throw new CodedError(
      'REQUEST_INVALID',
      `The mapping does not fit yet: ${problem.path ?? ''} ${problem.message}`,
    );
  const flow = hub.catalogue.get(sent[choices.sends].becomes).owner;
  const [taker, ...environments] = await Promise.all(
    [`flows/${flow}.yaml`, ...(await listFiles(bench, 'definitions/environments'))].map((path) =>
      readFile(bench, path),
    ),
  );
  const texts = filesOf(
    { ...choices, rows: rowsOf(hub, choices) },
    {
      sample,
      expected: result,
      schema: shapeOf(hub.catalogue, choices.sends),
      taker: { flow, text: taker!.text },
      environments: new Map(environments.map(({ path, text }) => [path, text])),
    },
  );
  const shared = new Set([taker!, ...environments].map(({ path }) => path));
  return Promise.all(
    [...texts].map(async ([path, text]) => {
      const { text: before, revision } = await readFile(bench, path);
      if (revision !== '' && !shared.has(path)) throw taken(choices.name);
      return { path, text, before, revision };
    }),
  );
}

function taken(name: string): CodedError {
  return new CodedError(
    'REQUEST_INVALID',
    `The name ${name} is taken: there is a partner, flow or mapping called so`,
  );
}

function demandIds({ id, number }: Choices): void {
  if (id.length === 0 || number.length === 0)
    throw new CodedError(
      'REQUEST_INVALID',
      'Choose what tells one message from another, and the number that people use',
    );
}

async function refuseTaken(bench: Workbench, hub: GuideHub, { name, path }: Choices): Promise<void> {
  if (hub.partners.names.has(name)) throw taken(name);
  for (const [file, text] of await readFiles(bench.now().flowsDir)) {
    const { nodes = {} } = parseDocument(text, { customTags: [nodeTag] }).toJS() as {
      nodes?: Record<string, { path?: unknown; type?: string }>;
    };
    if (Object.values(nodes).some((node) => node.type === 'webhook-in' && node.path === path))
      throw new CodedError(
        'REQUEST_INVALID',
        `The path ${path} is taken by the flow ${file.replace(/\.yaml$/, '')}`,
      );
  }
}
