/** The mapping studio's calls: which mappings there are, one run on a message, what can stand at a place, and saving. */
import { randomUUID } from 'node:crypto';
import { Router, type Request, type RequestHandler } from 'express';
import RED from 'node-red';
import Type from 'typebox';
import type { FlowNode } from '../../flow-file/format.ts';
import { flowGraph, type FlowGraph } from '../../lint/graph.ts';
import { readFile, saveFiles, type Change } from '../../workspace/files.ts';
import { mask, type Masked, type MaskedField } from '../../workspace/mask.ts';
import { listMappings, oneMapping, sourcesOf, type MappingView } from '../../workspace/studio/mappings.ts';
import { functionHelp } from '../../workspace/studio/function-help.ts';
import { readMessage } from '../../workspace/studio/message.ts';
import { draftOf } from '../../workspace/studio/new-mapping.ts';
import { caseOf, withCase } from '../../workspace/studio/test-case.ts';
import { studioThread } from '../../workspace/studio/thread.ts';
import { acting, wordOf } from '../audit-act.ts';
import { auditRead } from '../audit-read.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import { may } from './me.ts';
import type { Tower } from './tower.ts';

/** Characters of a message. */
const mostMessage = 3_000_000;
const closed = { additionalProperties: false };
const name = Type.String({ pattern: '^[A-Za-z0-9][\\w.-]{0,99}$' });
const text = Type.String({ maxLength: 500_000 });
const schema = Type.Optional(Type.String({ pattern: '^[\\w.-]*$' }));
const tried = {
  name,
  text,
  message: Type.String({ maxLength: mostMessage }),
  bindings: Type.Optional(Type.String({ maxLength: mostMessage })),
  schema,
};
/** Paths in the message that are not masked. */
const keep = Type.Array(Type.String({ maxLength: 1000 }), { maxItems: 5000 });
const readOne = reader(Type.Object({ name, schema }, closed));
const readDraft = reader(
  Type.Object({ name, schema: Type.String({ pattern: '^[\\w.-]+$' }), message: tried.message }, closed),
);
const readLanguage = reader(Type.Object({ language: Type.Enum(['en', 'de']) }, closed));
const readRun = reader(Type.Object(tried, closed));
const readComplete = reader(Type.Object({ ...tried, at: Type.Integer({ minimum: 0 }) }, closed));
const readTest = reader(
  Type.Object(
    {
      ...tried,
      keep,
      revision: Type.String(),
      case: Type.String({ pattern: '^\\S(.*\\S)?$', maxLength: 200 }),
    },
    closed,
  ),
);
const readMasked = reader(Type.Object({ message: tried.message, keep }, closed));

export interface StudioView extends MappingView {
  cases: { case: string; message: string; bindings?: string }[];
}

/** What a test case keeps of a message. */
export interface KeptMessage {
  message: string;
  fields: MaskedField[];
}

/** Below `/tower/api/studio`. */
export function studioRoutes({ hub, here }: Tower): Router {
  const router = Router();
  const thread = studioThread();
  /** No reading waits for a run. */
  const runs = studioThread();
  const secret = randomUUID();
  const answer = (work: (request: Request) => Promise<unknown>): RequestHandler => answering(hub.log, work);
  const read = permitted('crossdock.read');
  const data = permitted('crossdock.data');
  const author = permitted('crossdock.author');
  const standing = (mapping: string) => ({
    dir: hub.definitionsDir,
    sources: sourcesOf(hub, mapping, running()),
  });

  router.get(
    '/',
    read,
    answer(async () => ({ rows: listMappings(hub, running()) })),
  );
  router.get(
    '/one',
    read,
    answer(async (request) => {
      const { name, schema } = readOne(request.query);
      if (may(request, 'crossdock.data'))
        await auditRead(request, `file/definitions/mappings/${name}.test.yaml`);
      return view(name, may(request, 'crossdock.data'), schema);
    }),
  );
  router.post(
    '/run',
    data,
    onlyJson,
    answer(({ body }) => run('run', readRun(body))),
  );
  router.post(
    '/read',
    data,
    onlyJson,
    answer(({ body }) => run('read', readRun(body))),
  );
  router.post(
    '/complete',
    data,
    onlyJson,
    answer(({ body }) => {
      const { bindings: _, schema, ...wanted } = readComplete(body);
      return thread.ask({ ask: 'complete', ...standing(wanted.name), ...wanted, schema: fileOf(schema) });
    }),
  );
  // For the editor, which has no texts of the tower.
  router.get(
    '/functions',
    read,
    answer(async ({ query }) => functionHelp(readLanguage(query).language)),
  );
  router.post(
    '/draft',
    author,
    onlyJson,
    answer(async ({ body }) => ({ text: draftOf(hub, readDraft(body)) })),
  );
  router.post(
    '/masked',
    data,
    onlyJson,
    answer(async ({ body }): Promise<KeptMessage> => {
      const asked = readMasked(body);
      const { value, fields } = kept(asked.message, asked.keep);
      return { message: JSON.stringify(value, null, 2), fields };
    }),
  );
  router.post(
    '/test',
    data,
    author,
    onlyJson,
    acting('file.save', (request) => ({
      object: `file/${pathOf(wordOf(request, 'name'))} and its tests`,
      after: request.body,
    })),
    answer(async (request) => {
      const wanted = readTest(request.body);
      await saveTest(wanted, userOf(request));
      return view(wanted.name, may(request, 'crossdock.data'));
    }),
  );
  return router;

  /** The messages of its test cases only for who may see what partners send. */
  async function view(mapping: string, withData: boolean, gives?: string): Promise<StudioView> {
    const one = oneMapping(hub, mapping, running(), gives);
    const { cases } = await thread.ask({ ask: 'tests', ...standing(mapping), name: mapping });
    return {
      ...one,
      cases: (withData ? cases : []).map(({ case: title, given, bindings }) => ({
        case: title,
        message: JSON.stringify(given, null, 2),
        ...(bindings && { bindings: JSON.stringify(bindings, null, 2) }),
      })),
    };
  }

  function run(ask: 'run' | 'read', { schema, ...wanted }: ReturnType<typeof readRun>) {
    const asked = ask === 'run' ? runs : thread;
    return asked.ask({ ask, ...standing(wanted.name), ...wanted, schema: fileOf(schema) });
  }

  /** What comes out now is what must come out: of the message as it is kept. */
  async function saveTest(
    { case: title, revision, keep, ...tried }: ReturnType<typeof readTest>,
    by: string,
  ): Promise<void> {
    const given = kept(tried.message, keep).value;
    const wanted = { ...tried, message: JSON.stringify(given) };
    const schema = fileOf(wanted.schema);
    const added = caseOf(title, given, wanted.bindings, await run('run', wanted));
    const path = `definitions/mappings/${wanted.name}.test.yaml`;
    const before = await readFile(here, path);
    const changes: Change[] = [
      { path: pathOf(wanted.name), text: wanted.text, revision },
      { path, text: withCase(path, before.text, added, schema), revision: before.revision },
    ];
    await saveFiles(here, changes, by);
  }

  function kept(message: string, keep: readonly string[]): Masked {
    return mask(readMessage(message), secret, new Set(keep));
  }
}

function pathOf(mapping: string): string {
  return `definitions/mappings/${mapping}.jsonata`;
}

function fileOf(schema: string | undefined): string | undefined {
  return schema ? `schemas/${schema}.json` : undefined;
}

interface Each {
  eachNode(work: (node: FlowNode) => void): void;
}

let known: FlowGraph | undefined;
RED.events.on('flows:started', () => (known = undefined));

/** The nodes of the flows that run. */
function running(): FlowGraph {
  if (known) return known;
  const nodes: FlowNode[] = [];
  (RED.nodes as unknown as Each).eachNode((one) => void nodes.push(one));
  known = flowGraph(nodes, () => true);
  return known;
}
