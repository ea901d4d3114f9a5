/** What a language model is told of an issue: fields that are named here, each of a form that holds no data of people. */
import Type, { type Static } from 'typebox';
import { codeOf, codes } from '../errors/codes.ts';
import { issueStates } from '../journal/tables.ts';
import { letterStates } from '../journal/journal.ts';
import { ownSchema } from '../schema/schema.ts';
import type { Aliases } from './aliases.ts';
import type { Help } from './past.ts';
import { nearness } from './tried.ts';
import type { CaseStep, Subject } from './subject.ts';
import { wordsOnly } from './words.ts';

const closed = { additionalProperties: false };
const maybe = Type.Optional;
const alias = (kind: string) => maybe(Type.String({ pattern: `^${kind}[0-9]{1,3}$` }));
const time = maybe(Type.String({ pattern: '^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,12}Z$' }));
const count = maybe(Type.Integer({ minimum: 0 }));
const code = maybe(Type.String({ pattern: '^[A-Z][A-Z_]{1,60}$' }));
/** Of a file of this hub: a flow, a node, a value map, a process. */
const name = maybe(Type.String({ maxLength: 80 }));

export const Material = Type.Object(
  {
    issue: Type.Object(
      {
        of: Type.Enum(['letters', 'processes']),
        code,
        meaning: maybe(Type.String()),
        action: maybe(Type.String()),
        flow: name,
        step: name,
        target: maybe(Type.Enum(['odoo', 'partner', 'edi'])),
        map: name,
        partner: alias('P'),
        state: Type.Enum([...issueStates]),
        open: count,
        running: count,
        orders: count,
        oldest: time,
        newest: time,
        errorText: Type.String({ pattern: '^[A-Za-z0-9 …]*$' }),
      },
      closed,
    ),
    cases: Type.Array(
      Type.Object(
        {
          order: alias('O'),
          partner: alias('P'),
          sku: alias('S'),
          state: Type.Enum([...letterStates]),
          tries: count,
          firstFailed: time,
          lastFailed: time,
        },
        closed,
      ),
    ),
    steps: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^T[0-9]{1,3}$' }),
          order: alias('O'),
          time,
          flow: name,
          node: name,
          kind: name,
          outcome: Type.String({ pattern: '^[a-z]{1,20}$' }),
          code,
        },
        closed,
      ),
    ),
    past: Type.Array(
      Type.Object(
        {
          id: Type.String({ pattern: '^H[0-9]{1,3}$' }),
          did: Type.Enum(['map', 'edit', 'flow', 'again', 'before', 'wait', 'discard']),
          where: Type.Enum([...nearness]),
          map: name,
          times: count,
          worked: count,
          failed: count,
          last: time,
        },
        closed,
      ),
    ),
  },
  closed,
);
export type Material = Static<typeof Material>;
const schema = ownSchema(Material);

/** What is named in the files of this hub: no message can name anything else. */
export interface Named {
  /** By flow: the types of its nodes, by their names. */
  flows: ReadonlyMap<string, ReadonlyMap<string, string>>;
  maps: ReadonlySet<string>;
  /** Steps of processes, by process. */
  processes: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface Told {
  material: Material;
  /** By the id that an answer may name. */
  steps: ReadonlyMap<string, CaseStep>;
  helps: ReadonlyMap<string, Help>;
}

/** Throws CodedError SCHEMA_INVALID where something had another form: nothing is sent then. */
export function materialOf({ issue, cases, steps, past }: Subject, named: Named, aliases: Aliases): Told {
  const stepIds = new Map(steps.map((step, at) => [`T${at + 1}`, step]));
  const helpIds = new Map(past.helps.map((help, at) => [`H${at + 1}`, help]));
  const material = {
    issue: issueOf(issue, named, aliases),
    cases: cases.map(({ order, partner, sku, state, tries, firstFailed, lastFailed }) =>
      defined({
        order: aliases.of('O', order),
        partner: aliases.of('P', partner),
        sku: aliases.of('S', sku),
        state,
        tries,
        firstFailed: timeOf(firstFailed),
        lastFailed: timeOf(lastFailed),
      }),
    ),
    steps: [...stepIds].map(([id, step]) => stepOf(id, step, named, aliases)),
    past: [...helpIds].map(([id, { kind, near, detail, times, worked, failed, last }]) =>
      defined({
        id,
        did: kind,
        where: near,
        map: kind === 'map' && named.maps.has(detail) ? nameOf(detail) : undefined,
        times,
        worked,
        failed,
        last: timeOf(last),
      }),
    ),
  };
  schema.assert(material);
  return { material: material as Material, steps: stepIds, helps: helpIds };
}

function issueOf(issue: Subject['issue'], named: Named, aliases: Aliases) {
  const { of, flow, step, partner, state, count: open, running, orders, facts, why } = issue;
  const known = codeOf(issue.code);
  const isFlow = named.flows.has(flow) || named.processes.has(flow);
  const map = String(facts['map'] ?? '');
  return defined({
    of,
    // What a process asks for is a word of the code too.
    code: /^[A-Z][A-Z_]{1,60}$/.test(issue.code) && (known || of === 'processes') ? issue.code : undefined,
    meaning: known && codes[known].meaning,
    action: known && codes[known].action,
    flow: isFlow ? nameOf(flow) : undefined,
    step: named.processes.get(flow)?.has(step) ? nameOf(step) : undefined,
    target: known && /^(ODOO|PARTNER|EDI)_/.exec(known)?.[1]?.toLowerCase(),
    map: named.maps.has(map) ? nameOf(map) : undefined,
    partner: aliases.of('P', partner),
    state,
    open,
    running,
    orders,
    oldest: timeOf(issue.oldest),
    newest: timeOf(issue.newest),
    errorText: wordsOnly(why),
  });
}

function stepOf(id: string, step: CaseStep, { flows }: Named, aliases: Aliases) {
  const nodes = flows.get(step.flow);
  const kind = nodes?.get(step.step);
  return defined({
    id,
    order: aliases.of('O', step.order),
    time: timeOf(step.time),
    flow: nodes && nameOf(step.flow),
    node: kind === undefined ? undefined : nameOf(step.step),
    kind: kind === undefined ? undefined : nameOf(kind),
    outcome: step.outcome,
    code: codeOf(step.code),
  });
}

/** An address or a number of a person can stand in a name that somebody gave a node: such a name stays here. */
function nameOf(text: string): string | undefined {
  const plain = /^[\p{L}\p{N} ._/()&,:→-]{1,80}$/u.test(text);
  return plain && !/\d(?:[ ./-]?\d){4}/.test(text) ? text : undefined;
}

function timeOf(text: string | undefined): string | undefined {
  const at = text === undefined ? NaN : Date.parse(text);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

function defined<T extends object>(given: T): T {
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as T;
}
