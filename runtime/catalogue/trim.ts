/** A shipped flow as far as a hub needs it: branches whose events nobody there sends are left out. */
import { isMap, isScalar, isSeq, visit, type Document, type Node, type YAMLMap } from 'yaml';
import { NodeReference, nodeTag } from '../flow-file/format.ts';
import { patchedText, type Content } from '../flow-file/patch.ts';
import { readStrictly } from '../definitions/strict-yaml.ts';

type Entries = Map<string, unknown>;

export interface FlowText {
  document: Document;
  content: Content;
}

export function readFlow(text: string): FlowText {
  const { document } = readStrictly(text, { tags: [nodeTag] });
  return { document, content: document.toJS({ mapAsMap: true }) as Content };
}

export function nodesOf({ content }: FlowText): Map<string, Entries> {
  return (content.get('nodes') ?? new Map()) as Map<string, Entries>;
}

/** Event types, and the names of schemas that look like them: `order.received.v1`, `order.v1`. */
export function versioned(text: string): string[] {
  return text.match(/\b[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*\.v\d+\b/g) ?? [];
}

/** Only what leads on from a consumer of which some event `comes`, or from another beginning. Undefined when nothing is left. */
export function trimFlow(text: string, comes: (event: string) => boolean): string | undefined {
  const flow = readFlow(text);
  const nodes = nodesOf(flow);
  const unheard = [...nodes].filter(([, node]) => isUnheard(node, comes)).map(([name]) => name);
  if (unheard.length === 0) return text;
  const targets = new Set([...nodes.values()].flatMap((node) => namesIn(node.get('to'))));
  const begins = [...nodes.keys()].filter((name) => !targets.has(name) && !unheard.includes(name));
  const kept = new Set(begins);
  for (const name of kept) for (const next of namesIn(nodes.get(name)?.get('to'))) kept.add(next);
  return kept.size === 0 ? undefined : keepNodes(flow, kept);
}

function isUnheard(node: Entries, comes: (event: string) => boolean): boolean {
  const types = node.get('types');
  return (
    node.get('type') === 'event-consume' && Array.isArray(types) && !types.some((type) => comes(String(type)))
  );
}

/** The shared nodes that some flow names, and those that these name. Undefined when there are none. */
export function trimConnections(text: string, flows: Iterable<string>): string | undefined {
  const shared = readFlow(text);
  const nodes = nodesOf(shared);
  const kept = new Set([...flows].flatMap((flow) => referencesIn(readFlow(flow).content)));
  for (const name of kept) for (const next of referencesIn(nodes.get(name))) kept.add(next);
  const wanted = [...nodes.keys()].filter((name) => kept.has(name));
  return wanted.length === 0 ? undefined : keepNodes(shared, new Set(wanted));
}

function keepNodes({ document, content }: FlowText, kept: ReadonlySet<string>): string {
  const only = (key: string): [string, unknown][] => {
    const of = content.get(key);
    return of instanceof Map ? [[key, new Map([...(of as Entries)].filter(([name]) => kept.has(name)))]] : [];
  };
  return patchedText(
    document,
    content,
    new Map([...content, ...only('nodes'), ...only('layout'), ...only('ids')]),
  );
}

function namesIn(to: unknown): string[] {
  if (typeof to === 'string') return [to];
  if (Array.isArray(to)) return to.flatMap(namesIn);
  return to instanceof Map ? [...to.values()].flatMap(namesIn) : [];
}

function referencesIn(value: unknown): string[] {
  if (value instanceof NodeReference) return [value.name];
  if (Array.isArray(value)) return value.flatMap(referencesIn);
  return value instanceof Map ? [...value.values()].flatMap(referencesIn) : [];
}

export interface Present {
  /** By name. */
  flows: ReadonlyMap<string, string>;
  /** Events and schemas. */
  versioned: ReadonlySet<string>;
  /** Shipped partners that were not taken. */
  absent: ReadonlySet<string>;
}

/** The tests whose events, webhooks and nodes are there. Undefined when none is left, or a flow that they run with is not there. */
export function trimTests(text: string, flow: string, present: Present): string | undefined {
  const { document } = readStrictly(text, { merge: true });
  const tests = document.get('tests');
  const others = (document.toJS() as { with?: string[] }).with ?? [];
  if (!isSeq(tests) || others.some((name) => !present.flows.has(name))) return undefined;
  const nodes = nodesOf(readFlow(flow));
  const atWork = [flow, ...others.map((name) => present.flows.get(name)!)];
  const heard = new Set(
    atWork.flatMap((one) =>
      [...nodesOf(readFlow(one)).values()].flatMap((node) => namesIn(node.get('types'))),
    ),
  );
  const fits = (test: unknown): boolean => {
    const texts = textsIn(test as Node);
    const sent = texts.some(({ key }) => key === 'webhook');
    return texts.every(({ key, value }) => {
      if (key === 'webhook') return [...nodes.values()].some((node) => node.get('path') === value);
      if (key === 'event') return heard.has(value);
      if (sent && (key === 'source' || key === 'as') && present.absent.has(value)) return false;
      return versioned(value).every((name) => value !== name || present.versioned.has(name));
    });
  };
  const kept = new Set(tests.items.filter((test) => isMap(test) && fits(test)));
  for (const gone of lostAliases(tests.items, kept)) kept.delete(gone);
  if (kept.size === tests.items.length) return text;
  if (kept.size === 0) return undefined;
  tests.items = tests.items.filter((test) => kept.has(test));
  return document.toString({ lineWidth: 0, singleQuote: true });
}

interface TextAt {
  key: string;
  value: string;
}

function textsIn(node: Node): TextAt[] {
  const found: TextAt[] = [];
  visit(node, {
    Pair(_, { key, value }) {
      if (isScalar(key) && isScalar(value))
        found.push({ key: String(key.value), value: String(value.value) });
    },
  });
  return found;
}

/** Kept ones that use an anchor of one that is not. */
function lostAliases(items: readonly unknown[], kept: ReadonlySet<unknown>): unknown[] {
  const lost: unknown[] = [];
  const anchors = new Set<string>();
  for (const item of items) {
    const [own, used] = [new Set<string>(), new Set<string>()];
    visit(item as YAMLMap, {
      Alias: (_, { source }) => void used.add(source),
      Collection: (_, { anchor }) => void (anchor && own.add(anchor)),
      Scalar: (_, { anchor }) => void (anchor && own.add(anchor)),
    });
    if (!kept.has(item)) continue;
    if ([...used].every((name) => anchors.has(name) || own.has(name)))
      for (const name of own) anchors.add(name);
    else lost.push(item);
  }
  return lost;
}
