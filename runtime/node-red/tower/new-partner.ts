/** The workspace's calls of the guide to a new partner. A secret comes with two of them, and leaves with none. */
import { Router, type Request } from 'express';
import Type from 'typebox';
import { CodedError } from '../../errors/coded-error.ts';
import { sends } from '../../workspace/partner/kinds.ts';
import { look, make, plan, proposal, tryMapping } from '../../workspace/partner/guide.ts';
import { eventOf } from '../../workspace/partner/make.ts';
import { messageIn } from '../../workspace/partner/shape.ts';
import type { Signing } from '../../workspace/partner/signing.ts';
import { became, sendSample } from '../../workspace/partner/send.ts';
import { keepSecret } from '../../secrets/secret-file.ts';
import { shortName, titled, variableOf, webhookPath } from '../../tower/web/shared/naming.ts';
import { algorithms, encodings } from '../../verify/scheme.ts';
import { schemeNames } from '../../verify/schemes.ts';
import { acting, wordOf, type Acting } from '../audit-act.ts';
import { answeringWith, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const closed = { additionalProperties: false };
const word = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\r\\n]+$' });
const maybe = Type.Optional(Type.String({ maxLength: 200 }));
const text = Type.String({ minLength: 1, maxLength: 1_000_000 });
const name = Type.String({ pattern: shortName.source });
const names = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), { maxItems: 20 });

const signing = Type.Object(
  {
    scheme: Type.Enum(schemeNames),
    header: maybe,
    algorithm: Type.Optional(Type.Enum([...algorithms])),
    encoding: Type.Optional(Type.Enum([...encodings])),
    prefix: maybe,
    template: maybe,
    timestampHeader: maybe,
    idHeader: maybe,
    level: Type.Optional(Type.Enum(['items', 'body'])),
  },
  closed,
);
const from = Type.Union([
  Type.Object({ path: Type.String({ minLength: 1, maxLength: 1000 }) }, closed),
  Type.Object({ fixed: Type.String({ maxLength: 1000 }) }, closed),
  Type.Object({ expression: Type.String({ maxLength: 10_000 }) }, closed),
]);
const choices = Type.Object(
  {
    name,
    title: Type.String({ pattern: titled.source }),
    owner: word,
    sends: Type.Enum(sends),
    path: Type.String({ pattern: webhookPath.source }),
    signing,
    id: names,
    number: names,
    from: Type.Record(Type.String(), from),
  },
  closed,
);
const secret = Type.String({ minLength: 1, maxLength: 1000 });

const readLook = reader(Type.Object({ text, secret, signing: Type.Optional(signing) }, closed));
const readPropose = reader(Type.Object({ sends: Type.Enum(sends), name, body: text }, closed));
const readPlan = reader(Type.Object({ choices, body: text }, closed));
const readMake = reader(Type.Object({ choices, body: text, secret }, closed));
const readSend = reader(Type.Object({ name, path: word, signing, body: text }, closed));
const readMade = reader(Type.Object({ id: word, number: word }, closed));
const readName = reader(Type.Object({ name }, closed));

/** Below `/tower/api/new-partner`. */
export function newPartnerRoutes(tower: Tower): Router {
  const answer = answeringWith(tower.hub.log, tower);
  const read = permitted('crossdock.read');
  const author = [permitted('crossdock.author'), onlyJson];
  const sending = acting('partner.send', (request) => ({ object: `partner/${wordOf(request, 'name')}` }));
  const router = Router();
  router.get('/', read, answer(choicesThereAre));
  router.post('/look', author, answer(lookAt));
  router.post('/propose', author, answer(propose));
  router.post('/try', author, answer(tried));
  router.post('/plan', author, answer(planned));
  router.post('/make', author, acting('file.save', saidOfMaking), answer(made));
  router.post('/send', author, sending, answer(sent));
  router.get('/became', read, answer(whatBecame));
  router.post('/tests', author, answer(tested));
  return router;
}

async function choicesThereAre({ hub }: Tower) {
  const signing = { schemes: schemeNames, algorithms, encodings };
  return { sends, teams: [...hub.ownership.teams.keys()], signing };
}

async function lookAt(_tower: Tower, { body }: Request) {
  const asked = readLook(body);
  return look(asked.text, asked.secret, asked.signing as Signing | undefined);
}

async function propose({ hub }: Tower, { body }: Request) {
  const asked = readPropose(body);
  return proposal(hub, asked.sends, asked.name, asked.body);
}

async function tried({ hub }: Tower, { body }: Request) {
  const asked = readPlan(body);
  return tryMapping(hub, asked.choices, messageIn(asked.body));
}

async function planned({ hub, here }: Tower, { body }: Request) {
  const asked = readPlan(body);
  return plan(here, hub, asked.choices, asked.body);
}

function saidOfMaking({ body }: Request): Acting {
  const { choices } = Object(body) as { choices?: { name?: unknown } };
  return { object: `partner/${String(Object(choices).name).slice(0, 200)}`, after: choices };
}

async function made({ hub, here, dataDir }: Tower, request: Request) {
  const asked = readMake(request.body);
  if (!here.authored())
    throw new CodedError('RELEASE_RUNNING', 'This hub runs a release: make the partner where flows are made');
  const variable = variableOf(asked.choices.name);
  const saved = await keepSecret({ dataDir, env: process.env }, variable, asked.secret, () =>
    make(here, hub, asked.choices, asked.body, userOf(request)),
  );
  return { ...saved, variable, event: eventOf(asked.choices) };
}

async function sent(_tower: Tower, { body, socket }: Request) {
  const { name: partner, ...asked } = readSend(body);
  const secrets = process.env[variableOf(partner)] ?? '';
  return sendSample({ ...asked, secrets, port: socket.localPort ?? 0, host: socket.localAddress });
}

async function whatBecame({ hub, reader: { db } }: Tower, { query }: Request) {
  const { id, number } = readMade(query);
  return became(hub.journal, db, id, number);
}

async function tested({ tests }: Tower, { body }: Request) {
  const { name: partner } = readName(body);
  return tests(`${partner}-intake`, `${partner}.`);
}
