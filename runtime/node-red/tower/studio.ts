/** The mapping studio's calls: which mappings there are, one run on a message, what can stand at a place, and saving. */
import { randomUUID } from 'node:crypto';
import { Router, type Request } from 'express';
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
import { studioThread, type StudioThread } from '../../workspace/studio/thread.ts';
import { acting, wordOf } from '../audit-act.ts';
import { auditRead } from '../audit-read.ts';
import { answeringWith, onlyJson, permitted, reader, userOf } from '../routes.ts';
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

interface Studio extends Pick<Tower, 'hub' | 'here'> {
  thread: StudioThread;
  /** No reading waits for a run. */
  runs: StudioThread;
  /** Of what is masked. */
  secret: string;
}

/** Below `/tower/api/studio`. */
export function studioRoutes({ hub, here }: Tower): Router {
  const studio: Studio = { hub, here, thread: studioThread(), runs: studioThread(), secret: randomUUID() };
  const answer = answeringWith(hub.log, studio);
  const read = permitted('crossdock.read');
  const data = permitted('crossdock.data');
  const author = permitted('crossdock.author');
  const saving = acting('file.save', (request) => ({
    object: `file/${pathOf(wordOf(request, 'name'))} and its tests`,
    after: request.body,
  }));
  const router = Router();
  router.get('/', read, answer(list));
  router.get('/one', read, answer(one));
  router.post('/run', data, onlyJson, answer(ran));
  router.post('/read', data, onlyJson, answer(readAt));
  router.post('/complete', data, onlyJson, answer(complete));
  // For the editor, which has no texts of the tower.
  router.get('/functions', read, answer(functions));
  router.post('/draft', author, onlyJson, answer(draft));
  router.post('/masked', data, onlyJson, answer(masked));
  router.post('/test', data, author, onlyJson, saving, answer(saveTest));
  return router;
}

async function list({ hub }: Studio) {
  return { rows: listMappings(hub, running()) };
}

async function one(studio: Studio, request: Request): Promise<StudioView> {
  const { name, schema } = readOne(request.query);
  const withData = may(request, 'crossdock.data');
  if (withData) await auditRead(request, `file/definitions/mappings/${name}.test.yaml`);
  return view(studio, name, withData, schema);
}

async function ran(studio: Studio, { body }: Request) {
  return run(studio, 'run', readRun(body));
}

async function readAt(studio: Studio, { body }: Request) {
  return run(studio, 'read', readRun(body));
}

async function complete(studio: Studio, { body }: Request) {
  const { bindings: _, schema, ...wanted } = readComplete(body);
  const question = { ask: 'complete', ...standing(studio, wanted.name), ...wanted } as const;
  return studio.thread.ask({ ...question, schema: fileOf(schema) });
}

async function functions(_studio: Studio, { query }: Request) {
  return functionHelp(readLanguage(query).language);
}

async function draft({ hub }: Studio, { body }: Request) {
  return { text: draftOf(hub, readDraft(body)) };
}

async function masked({ secret }: Studio, { body }: Request): Promise<KeptMessage> {
  const { message, keep } = readMasked(body);
  const { value, fields } = kept(message, keep, secret);
  return { message: JSON.stringify(value, null, 2), fields };
}

/** What comes out now is what must come out: of the message as it is kept. */
async function saveTest(studio: Studio, request: Request): Promise<StudioView> {
  const { case: title, revision, keep, ...tried } = readTest(request.body);
  const given = kept(tried.message, keep, studio.secret).value;
  const wanted = { ...tried, message: JSON.stringify(given) };
  const added = caseOf(title, given, wanted.bindings, await run(studio, 'run', wanted));
  const path = `definitions/mappings/${wanted.name}.test.yaml`;
  const before = await readFile(studio.here, path);
  const changes: Change[] = [
    { path: pathOf(wanted.name), text: wanted.text, revision },
    { path, text: withCase(path, before.text, added, fileOf(wanted.schema)), revision: before.revision },
  ];
  await saveFiles(studio.here, changes, userOf(request));
  return view(studio, wanted.name, may(request, 'crossdock.data'));
}

/** The messages of its test cases only for who may see what partners send. */
async function view(studio: Studio, mapping: string, withData: boolean, gives?: string): Promise<StudioView> {
  const one = oneMapping(studio.hub, mapping, running(), gives);
  const { cases } = await studio.thread.ask({ ask: 'tests', ...standing(studio, mapping), name: mapping });
  return {
    ...one,
    cases: (withData ? cases : []).map(({ case: title, given, bindings }) => ({
      case: title,
      message: JSON.stringify(given, null, 2),
      ...(bindings && { bindings: JSON.stringify(bindings, null, 2) }),
    })),
  };
}

function run(studio: Studio, ask: 'run' | 'read', { schema, ...wanted }: ReturnType<typeof readRun>) {
  const asked = ask === 'run' ? studio.runs : studio.thread;
  return asked.ask({ ask, ...standing(studio, wanted.name), ...wanted, schema: fileOf(schema) });
}

function standing({ hub }: Studio, mapping: string) {
  return { dir: hub.definitionsDir, sources: sourcesOf(hub, mapping, running()) };
}

function kept(message: string, keep: readonly string[], secret: string): Masked {
  return mask(readMessage(message), secret, new Set(keep));
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
