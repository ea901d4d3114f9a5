/** The interfaces of a hub, as its flows, events and partners make them: nobody lists them by hand. */
import { basename } from 'node:path';
import type { Catalogue } from '../events/catalogue.ts';
import type { FlowNode } from '../flow-file/format.ts';
import type { Tier } from '../limits/limits.ts';
import { tierOf, tiers } from '../limits/limits.ts';
import type { Partners } from '../partners/partners.ts';
import { freeName, headerVariables } from '../flow-file/format.ts';
import { afterwards, callOf, hookOf, slug, webhookId, type Afterwards } from './nodes.ts';

export const kinds = ['webhook', 'event', 'edi', 'api', 'file'] as const;
export type Kind = (typeof kinds)[number];

/** Where the journal counts its use: the rows of a flow, a step, a partner, as far as each is said. */
export interface Trace {
  flow: string;
  step?: string;
  partner?: string;
}

export interface Contract {
  /** Below definitions/: `schemas/order.v1.json`. */
  schemas: string[];
  /** `PUT /journals/{payload.day}`, `sale.order`, `X12 004010 850`. */
  operations: string[];
  /** How a webhook is signed. */
  signature?: string;
  /** What a new version of an event may change. */
  compatibility?: string;
}

export interface Interface {
  /** `webhook/shopify/orders`, `event/order.received.v1`, `edi/midmart/850-in`, `api/finance`, `file/finance-export/send-file`. */
  id: string;
  kind: Kind;
  /** As seen from the hub. */
  direction: 'in' | 'out' | 'inside';
  summary: string;
  flows: string[];
  /** Nodes of the flows that use it; of the first the linter tells. */
  nodes: string[];
  version?: string;
  tier: Tier;
  contract: Contract;
  /** That follow from flows and partners. */
  consumers: string[];
  traces: Trace[];
}

export interface Known {
  catalogue: Pick<Catalogue, 'types' | 'get'>;
  partners: Pick<Partners, 'edi'>;
}

/** The flow a node stands in. */
interface At {
  flow: string;
  version: string;
  tier: string;
  summary: string;
}

/** Of the flows that are on, sorted by id. */
export function deriveInterfaces(all: readonly FlowNode[], known: Known): Interface[] {
  const off = new Set(
    all.filter(({ type, disabled }) => type === 'tab' && disabled === true).map(({ id }) => id),
  );
  const nodes = all.filter(({ d, z }) => d !== true && !off.has(String(z)));
  const at = places(nodes);
  const on = { nodes, at, after: afterwards(nodes), known };
  const found = [...webhooks(on), ...events(on), ...ediDocuments(on), ...apis(on), ...files(on)];
  return found.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

interface On {
  nodes: readonly FlowNode[];
  at(node: FlowNode): At;
  after: Afterwards;
  known: Known;
}

function places(nodes: readonly FlowNode[]): (node: FlowNode) => At {
  const tabs = new Map(
    nodes
      .filter(({ type }) => type === 'tab' || type === 'subflow')
      .map((tab) => [
        tab.id,
        {
          flow: String(tab.label ?? tab.name ?? ''),
          version: variable(tab, headerVariables.version),
          tier: variable(tab, headerVariables.tier),
          summary: String(tab.info ?? '')
            .trim()
            .split('\n')[0]!,
        },
      ]),
  );
  return ({ z }) => tabs.get(String(z)) ?? { flow: '', version: '', tier: '', summary: '' };
}

function variable({ env }: FlowNode, name: string): string {
  const list = Array.isArray(env) ? (env as { name?: unknown; value?: unknown }[]) : [];
  return String(list.find((one) => one.name === name)?.value ?? '');
}

/** What an interface has of the one node that makes it. */
function ofNode({ id }: FlowNode, { flow, version, tier, summary }: At) {
  return { summary, flows: [flow], nodes: [id], ...(version && { version }), tier: tierOf(tier) };
}

function webhooks({ nodes, at, after, known }: On): Interface[] {
  return nodes
    .filter(({ type, path }) => type === 'webhook-in' && typeof path === 'string' && !path.startsWith('${'))
    .map((node): Interface => {
      const { flow } = at(node);
      const published = unique(after.all(node, 'event-publish').map(({ event }) => String(event)));
      const scheme = after.all(node, 'webhook-verify')[0]?.scheme;
      const id = webhookId(String(node.path));
      const route = hookOf(id)!;
      return {
        id,
        kind: 'webhook',
        direction: 'in',
        ...ofNode(node, at(node)),
        contract: {
          schemas: unique(published.flatMap((type) => schemaOf(known, type))),
          operations: [`POST ${route}`],
          ...(typeof scheme === 'string' && { signature: scheme }),
        },
        consumers: [],
        traces: [
          { flow, step: stepOf(node) },
          // What is refused before a flow sees it: by the path as the node has it.
          ...unique([route, `/hooks${String(node.path)}`]).map((step) => ({ flow: 'intake', step })),
        ],
      };
    });
}

function events({ nodes, at, known }: On): Interface[] {
  return known.catalogue.types.map((type): Interface => {
    const { version, summary, owner, compatibility } = known.catalogue.get(type);
    const publishers = nodes.filter((node) => node.type === 'event-publish' && node.event === type);
    const takers = nodes.filter(
      (node) => node.type === 'event-consume' && [node.types ?? []].flat().includes(type),
    );
    const flows = unique([...publishers, ...takers].map((node) => at(node).flow));
    // What a process asks for is published by no node of its own: then who takes nothing else tells of it.
    const tells =
      publishers.length > 0 ? publishers : takers.filter(({ types }) => [types].flat().length === 1);
    const ofOwner = [...publishers, ...takers].map(at);
    const tier = (ofOwner.find(({ flow }) => flow === owner) ?? ofOwner[0])?.tier ?? '';
    return {
      id: `event/${type}`,
      kind: 'event',
      direction: 'inside',
      summary,
      flows,
      nodes: [...publishers, ...takers].map(({ id }) => id),
      version,
      tier: tierOf(tier),
      contract: { schemas: schemaOf(known, type), operations: [], compatibility },
      consumers: unique(takers.map((node) => at(node).flow)),
      traces: tells.map((node) => ({ flow: at(node).flow, step: stepOf(node) })),
    };
  });
}

function schemaOf({ catalogue }: Known, type: string): string[] {
  return catalogue.types.includes(type) ? [`schemas/${basename(catalogue.get(type).schema)}`] : [];
}

function ediDocuments({ nodes, at, known }: On): Interface[] {
  const reading = nodes.filter(({ type }) => type === 'edi-read');
  const writing = nodes.filter(({ type }) => type === 'edi-write');
  return known.partners.edi.flatMap(({ partner, summary, edi }) => {
    const of = (document: string, direction: 'in' | 'out'): Interface => {
      const users = direction === 'in' ? reading : writing;
      const flows = unique(users.map((node) => at(node).flow));
      return {
        id: `edi/${partner}/${document}-${direction}`,
        kind: 'edi',
        direction,
        summary,
        flows,
        nodes: users.map(({ id }) => id),
        version: edi.version,
        tier: tierOf(users[0] ? at(users[0]).tier : ''),
        contract: {
          schemas: [`edi/${edi.standard}.${document}.yaml`],
          operations: [`${edi.standard === 'x12' ? 'X12' : 'EDIFACT'} ${edi.version} ${document}`],
        },
        consumers: direction === 'out' ? [partner] : [],
        // The rows tell partner and flow, not the kind of document.
        traces: flows.map((flow) => ({ flow, partner })),
      };
    };
    return [...edi.sends.map((one) => of(one, 'in')), ...edi.takes.map((one) => of(one, 'out'))];
  });
}

function apis({ nodes, at, after }: On): Interface[] {
  const connections = nodes.filter(({ type }) => type === 'http-connection' || type === 'odoo-connection');
  const idFor = freeIds();
  return connections.flatMap((connection): Interface[] => {
    const users = nodes.filter((node) => node.connection === connection.id && !isFile(node));
    if (users.length === 0) return [];
    const name = String(connection.name || connection.id);
    const flows = unique(users.map((node) => at(node).flow));
    return [
      {
        id: idFor(`api/${slug(name)}`),
        kind: 'api',
        direction: 'out',
        summary: `${name}, as ${flows.join(', ')} ${users.length > 1 ? 'call' : 'calls'} it.`,
        flows,
        nodes: users.map((node) => node.id),
        tier: highest(users.map((node) => tierOf(at(node).tier))),
        contract: {
          schemas: unique(users.flatMap((node) => after.sentTo(node)).map((one) => `schemas/${one}.json`)),
          operations: unique(users.map(callOf)).toSorted(),
        },
        consumers: [],
        traces: users.map((node) => ({ flow: at(node).flow, step: stepOf(node) })),
      },
    ];
  });
}

/** Two names may make the same id. */
function freeIds(): (start: string) => string {
  const taken = new Set<string>();
  return (start) => {
    const id = freeName(start, taken);
    taken.add(id);
    return id;
  };
}

function files({ nodes, at, after }: On): Interface[] {
  const idFor = freeIds();
  return nodes.filter(isFile).map((node): Interface => {
    const { flow } = at(node);
    const where =
      node.type === 'http-call' ? callOf(node) : `${node.type} ${String(node.filename ?? '')}`.trim();
    return {
      id: idFor(`file/${slug(flow)}/${slug(stepOf(node))}`),
      kind: 'file',
      direction: node.type === 'file in' ? 'in' : 'out',
      ...ofNode(node, at(node)),
      contract: {
        schemas: after.sentTo(node).map((one) => `schemas/${one}.json`),
        operations: [[where, node.contentType].filter(Boolean).join(', ')],
      },
      consumers: [],
      traces: [{ flow, step: stepOf(node) }],
    };
  });
}

/** A call that sends a text which is neither JSON nor EDI, and Node-RED's own nodes for files. */
function isFile({ type, contentType }: FlowNode): boolean {
  if (type === 'file' || type === 'file in') return true;
  return type === 'http-call' && /^(text|application)\/(?!.*(json|edi))/i.test(String(contentType ?? ''));
}

function highest(all: readonly Tier[]): Tier {
  return tiers.find((tier) => all.includes(tier)) ?? 'standard';
}

function stepOf({ name, id }: FlowNode): string {
  return String(name || id);
}

function unique<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}
