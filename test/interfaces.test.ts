/** The register of interfaces: what follows from the files, each state and transition, and the linter's rules about it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { environmentNamed, type Environment } from '../runtime/environments/environment.ts';
import { deriveInterfaces } from '../runtime/interfaces/derive.ts';
import { loadInterfaces, states, type Entry, type State } from '../runtime/interfaces/file.ts';
import { knownIn, knownOf, nodesOf } from '../runtime/interfaces/of-project.ts';
import { isOver, registerOf, unapproved } from '../runtime/interfaces/register.ts';
import { stateProblems, wentBack } from '../runtime/interfaces/states.ts';
import { approve, propose } from '../runtime/interfaces/write.ts';
import { lintInterfaces, lintInterfaceStates } from '../runtime/lint/interfaces.ts';
import { lintFlows } from '../runtime/lint/lint.ts';
import { loadOwnership } from '../runtime/ownership/ownership.ts';
import { readFileSet } from '../runtime/flow-file/file-set.ts';
import { refuseUnapproved } from '../runtime/release/unapproved.ts';
import { outputsOf, project } from './lint/project.ts';

const definitions = mkdtempSync(join(tmpdir(), 'crossdock-interfaces-'));
cpSync('definitions', definitions, { recursive: true });
const file = join(definitions, 'interfaces.yaml');
const shipped = readFileSync(file, 'utf8');
const ofShipped = loadInterfaces('definitions');
const asking: Partial<Environment> = { environment: 'prod', interfaces: 'approved' };

const full: Entry = {
  owner: 'it',
  state: 'retired',
  class: 'internal',
  approved: { by: 'anna', on: '2026-01-01' },
  deprecated: '2026-06-01',
  sunset: '2026-12-31',
  told: '2026-06-02',
  retired: '2027-01-01',
};
/** With all that its state says, and no more. */
function at(state: State): Entry {
  const { owner, class: data, approved, deprecated, sunset, told, retired } = full;
  const has = (least: State) => states.indexOf(state) >= states.indexOf(least);
  return {
    owner,
    class: data,
    state,
    ...(has('approved') && { approved: approved! }),
    ...(has('deprecated') && { deprecated: deprecated!, sunset: sunset!, told: told! }),
    ...(has('retired') && { retired: retired! }),
  };
}
const codesOf = (entry: Entry): string[] => stateProblems(entry).map(({ code }) => code);

describe('the register of interfaces', () => {
  afterEach(() => writeFileSync(file, shipped));
  after(() => rmSync(definitions, { recursive: true }));

  describe('what is shipped', () => {
    it('has an entry for each interface, approved, and none for nothing', async () => {
      const nodes = nodesOf(await readFiles('flows'), outputsOf);
      const derived = deriveInterfaces(nodes, knownIn('definitions'));
      assert.deepEqual(
        derived.map(({ id }) => id),
        [...ofShipped.keys()].toSorted(),
      );
      assert.deepEqual(unapproved(nodes, knownIn('definitions'), ofShipped), []);
      assert.equal(environmentNamed('definitions/environments', 'prod').interfaces, 'approved');
    });

    it('is the same read from the disk and from a set of files', async () => {
      const set = await readFileSet('flows', 'definitions');
      const nodes = nodesOf(await readFiles('flows'), outputsOf);
      assert.deepEqual(
        deriveInterfaces(nodes, knownOf(set)),
        deriveInterfaces(nodes, knownIn('definitions')),
      );
    });

    it('says of each kind where it comes from', async () => {
      const derived = deriveInterfaces(nodesOf(await readFiles('flows'), outputsOf), knownIn('definitions'));
      const of = (id: string) => derived.find((one) => one.id === id)!;
      const webhook = of('webhook/shopify/orders');
      assert.deepEqual(webhook.contract, {
        schemas: ['schemas/shopify.order.v1.json'],
        operations: ['POST /hooks/shopify/orders'],
        signature: 'shopify',
      });
      assert.deepEqual(
        [webhook.tier, webhook.version, webhook.flows],
        ['critical', '1.0.0', ['shopify-intake']],
      );
      assert.deepEqual(of('event/order.received.v1').consumers, ['order-to-cash', 'order-to-odoo']);
      assert.deepEqual(of('edi/midmart/850-in').contract.operations, ['X12 004010 850']);
      assert.equal(of('edi/midmart/855-out').direction, 'out');
      assert.deepEqual(of('api/finance').contract.operations, [
        'PUT /disputes/{$encodeUrlComponent(payload.id)}',
        'PUT /journals/{payload.day}',
        'PUT /payouts/{$encodeUrlComponent(payload.id)}',
      ]);
      assert.deepEqual(of('file/finance-export/send-file').flows, ['finance-export']);
    });
  });

  it('has an id for each of two connections whose names make the same one, and no sign for an accent', () => {
    const connections = ['Finance', 'finance!', 'Café Nürnberg', 'shop.example'].map((name) => ({
      id: name,
      type: 'http-connection',
      name,
    }));
    const calls = connections.map(({ id }) => ({
      id: `call ${id}`,
      type: 'http-call',
      z: 'tab',
      connection: id,
      path: "'/a'",
    }));
    const known = { catalogue: { types: [], get: () => assert.fail() }, partners: { edi: [] } };
    const ids = deriveInterfaces([...connections, ...calls] as never, known).map(({ id }) => id);
    assert.deepEqual(ids, ['api/cafe-nurnberg', 'api/finance', 'api/finance-2', 'api/shop.example']);
  });

  it('has an id for each of two nodes for files whose names make the same one', () => {
    const files = ['Send!', 'send'].map((name) => ({ id: name, type: 'file', z: 'tab', name }));
    const known = { catalogue: { types: [], get: () => assert.fail() }, partners: { edi: [] } };
    const ids = deriveInterfaces([{ id: 'tab', type: 'tab', label: 'Out' }, ...files] as never, known).map(
      ({ id }) => id,
    );
    assert.deepEqual(ids, ['file/out/send', 'file/out/send-2']);
  });

  describe('a state', () => {
    for (const state of states)
      it(`${state} is right with what it says, and nothing else`, () =>
        assert.deepEqual(codesOf(at(state)), []));

    for (const [from, was] of states.entries())
      for (const [to, is] of states.entries())
        it(`${was} ${to < from ? 'does not become' : 'may become'} ${is}`, () => {
          const back = wentBack(new Map([['event/a.b.v1', at(was)]]), new Map([['event/a.b.v1', at(is)]]));
          assert.equal(back.length, to < from ? 1 : 0);
        });

    for (const [state, mark] of [
      ['proposed', 'approved'],
      ['proposed', 'sunset'],
      ['approved', 'deprecated'],
      ['live', 'sunset'],
      ['deprecated', 'retired'],
    ] as const)
      it(`${state} that keeps "${mark}" has gone back`, () =>
        assert.ok(codesOf({ ...at(state), [mark]: full[mark] }).includes('INTERFACE_STATE_BACK')));

    it('has its days in the order of its states', () => {
      assert.deepEqual(codesOf({ ...at('deprecated'), sunset: '2026-05-01' }), ['INTERFACE_STATE_BACK']);
      assert.deepEqual(codesOf({ ...at('retired'), retired: '2026-05-01' }), ['INTERFACE_STATE_BACK']);
    });
    it('says who approved it', () => {
      for (const state of ['approved', 'live', 'deprecated', 'retired'] as const) {
        const { approved: _approved, ...entry } = at(state);
        assert.deepEqual(codesOf(entry), ['INTERFACE_APPROVER_MISSING'], state);
      }
    });
    it('says the sunset of what is deprecated, and that its consumers were told', () => {
      const { sunset: _sunset, ...endless } = at('deprecated');
      assert.deepEqual(codesOf(endless), ['INTERFACE_SUNSET_MISSING']);
      const { told: _told, ...untold } = at('deprecated');
      assert.deepEqual(codesOf(untold), ['INTERFACE_UNTOLD']);
    });
    it('is over on the day after the sunset, and not before', () => {
      assert.equal(isOver(at('deprecated'), '2026-12-31'), false);
      assert.equal(isOver(at('deprecated'), '2027-01-01'), true);
      assert.equal(isOver(at('retired'), '2027-01-01'), false);
    });
    it('of what is retired stays in the register when no flow has it any more', () => {
      const entries = new Map([
        ['webhook/old', at('retired')],
        ['webhook/lost', at('live')],
      ]);
      assert.deepEqual(
        registerOf([], entries).map(({ id, state }) => [id, state]),
        [['webhook/old', 'retired']],
      );
    });
  });

  describe('the file', () => {
    const broken: [string, string, RegExp][] = [
      ['a state there is not', 'webhook/a: { owner: it, state: done, class: public }', /state/],
      ['a class there is not', 'webhook/a: { owner: it, state: live, class: secret }', /class/],
      ['a kind there is not', 'queue/a: { owner: it, state: live, class: public }', /queue/],
      ['an edge of what has none', edge('event/a.b.v1', 'maxKb: 1'), /only webhooks/],
      ['an address that is none', edge('webhook/a', 'addresses: [10.0.0.0/33]'), /10\.0\.0\.0\/33/],
      ['a fingerprint that is none', edge('webhook/a', 'certificate: { fingerprints: [ab] }'), /fingerprint/],
      ['a certificate of nobody', edge('webhook/a', 'certificate: { header: x-cert }'), /neither/],
      ['a day that is none', 'webhook/a: { owner: it, state: live, class: public, sunset: soon }', /sunset/],
    ];
    function edge(id: string, policy: string): string {
      return `${id}: { owner: it, state: live, class: public, edge: { ${policy} } }`;
    }
    for (const [title, text, says] of broken)
      it(`is refused with ${title}`, () =>
        assert.throws(
          () => loadInterfaces(definitions, text),
          (error: Error & { code?: string }) => error.code === 'CONFIG_INVALID' && says.test(error.message),
        ));
    it('may hold nothing but comments', () => assert.equal(loadInterfaces(definitions, '# none\n').size, 0));
  });

  describe('the linter', () => {
    const findings = async (text: string, environment: Partial<Environment> = {}): Promise<string[]> => {
      writeFileSync(file, text);
      const files = await readFiles('flows');
      const found = lintInterfaces(files, outputsOf, project(environment, definitions));
      return found.map(({ code, severity, node }) => `${severity} ${code} ${node}`);
    };
    const line = /^webhook\/stripe: .*$/m;
    const entryOf = (said: string): string => shipped.replace(line, `webhook/stripe: { ${said} }`);

    it('finds nothing in what is shipped', async () => {
      assert.deepEqual(await findings(shipped), []);
      assert.deepEqual(await findings(shipped, asking), []);
    });
    it('finds an interface without an entry: an error where approval is asked for', async () => {
      const without = shipped.replace(line, '');
      assert.deepEqual(await findings(without), ['warning INTERFACE_MISSING webhook/stripe']);
      assert.deepEqual(await findings(without, asking), ['error INTERFACE_MISSING webhook/stripe']);
    });
    it('finds an entry for nothing, but not one that is retired', async () => {
      const more = (state: string) => `${shipped}webhook/gone: { owner: it, class: public, ${state} }\n`;
      assert.deepEqual(await findings(more('state: proposed'), asking), [
        'error INTERFACE_UNKNOWN webhook/gone',
      ]);
      const retired = 'state: retired, retired: 2026-12-01, approved: { by: anna, on: 2026-01-01 }';
      assert.deepEqual(await findings(more(retired), asking), []);
    });
    it('finds an owner who is no team', async () => {
      assert.deepEqual(await findings(entryOf('owner: nobody, state: proposed, class: public')), [
        'error INTERFACE_OWNER_UNKNOWN webhook/stripe',
      ]);
    });
    it('finds a state that went back, and a sunset without a day', async () => {
      const approved = 'approved: { by: anna, on: 2026-01-01 }';
      assert.deepEqual(await findings(entryOf(`owner: it, state: proposed, class: public, ${approved}`)), [
        'error INTERFACE_STATE_BACK webhook/stripe',
      ]);
      const endless = `owner: it, state: deprecated, class: public, deprecated: 2026-06-01, told: 2026-06-01, ${approved}`;
      assert.deepEqual(await findings(entryOf(endless)), ['error INTERFACE_SUNSET_MISSING webhook/stripe']);
    });
    it('finds what went back since the last release', async () => {
      const before = await readFileSet('flows', 'definitions');
      const proposed = shipped.replace(line, 'webhook/stripe: { owner: it, state: proposed, class: public }');
      const now = new Map([...before, ['definitions/interfaces.yaml', proposed]]);
      const found = (was: typeof before, is: typeof before) =>
        lintInterfaceStates(was, is, definitions).map(({ code, node }) => `${code} ${node}`);
      assert.deepEqual(found(before, now), ['INTERFACE_STATE_BACK webhook/stripe']);
      assert.deepEqual(found(now, before), []);
      assert.deepEqual(found(new Map(), before), []);
    });

    const inFlows = async (text: string, environment: Partial<Environment>): Promise<string[]> => {
      writeFileSync(file, text);
      const found = lintFlows(await readFiles('flows'), outputsOf, project(environment, definitions));
      return found
        .filter(({ code }) => code.startsWith('INTERFACE_'))
        .map(({ code, file: path, line: at, node }) => `${code} ${path}:${at} ${node}`);
    };
    const proposed = entryOf('owner: it, state: proposed, class: public');

    it('refuses a live flow with a proposed interface where the environment asks for approved ones', async () => {
      assert.deepEqual(await inFlows(proposed, asking), [
        'INTERFACE_UNAPPROVED stripe-intake.yaml:7 events from Stripe',
      ]);
      assert.deepEqual(await inFlows(shipped.replace(line, ''), asking), [
        'INTERFACE_UNAPPROVED stripe-intake.yaml:7 events from Stripe',
      ]);
      assert.deepEqual(await inFlows(proposed, {}), []);
      assert.deepEqual(await inFlows(shipped, asking), []);
    });
    it('takes no register at all for none approved, where approval is asked for', async () => {
      const found = await inFlows('', asking);
      assert.equal(found.length, ofShipped.size);
      assert.deepEqual(await inFlows('', {}), []);
    });
    it('refuses a live flow with a retired interface in every environment', async () => {
      const retired = entryOf(
        'owner: it, state: retired, class: public, retired: 2026-12-01, approved: { by: anna, on: 2026-01-01 }',
      );
      assert.deepEqual(await inFlows(retired, {}), [
        'INTERFACE_RETIRED stripe-intake.yaml:7 events from Stripe',
      ]);
    });
    it('asks nothing of a flow that is off', async () => {
      writeFileSync(file, proposed);
      const files = new Map(await readFiles('flows'));
      files.set(
        'stripe-intake.yaml',
        files.get('stripe-intake.yaml')!.replace('nodes:', 'disabled: true\nnodes:'),
      );
      const found = lintFlows(files, outputsOf, project(asking, definitions));
      assert.deepEqual(
        found.filter(({ code }) => code === 'INTERFACE_UNAPPROVED'),
        [],
      );
    });
  });

  it('keeps a release out of an environment that asks for approved interfaces', () => {
    const prod = { environment: 'prod', interfaces: 'approved' } as const;
    assert.throws(() => refuseUnapproved(prod, ['webhook/a', 'api/b']), {
      code: 'INTERFACE_UNAPPROVED',
      message: 'prod asks for approved interfaces, and these are not: webhook/a, api/b',
    });
    refuseUnapproved(prod, []);
    refuseUnapproved({ environment: 'dev' }, ['webhook/a']);
    refuseUnapproved({ environment: 'test', interfaces: 'any' }, ['webhook/a']);
  });

  describe('what people write', () => {
    it('is proposed for what has no entry, then approved by name, with all else as it stands', async () => {
      const line = /^webhook\/stripe: .*\n/m;
      writeFileSync(file, shipped.replace(line, ''));
      const derived = deriveInterfaces(nodesOf(await readFiles('flows'), outputsOf), knownIn(definitions));
      const teams = loadOwnership(definitions);
      const written = await propose(definitions, derived, loadInterfaces(definitions), teams);
      assert.deepEqual(written, ['webhook/stripe']);
      assert.deepEqual(loadInterfaces(definitions).get('webhook/stripe'), {
        owner: 'it',
        state: 'proposed',
        class: 'personal',
      });
      assert.ok(readFileSync(file, 'utf8').startsWith(shipped.replace(line, '').trimEnd()));
      await approve(definitions, ['webhook/stripe'], { by: 'anna', on: '2026-12-01' });
      const { state, approved } = loadInterfaces(definitions).get('webhook/stripe')!;
      assert.deepEqual([state, approved], ['approved', { by: 'anna', on: '2026-12-01' }]);
      await assert.rejects(approve(definitions, ['webhook/stripe'], { by: 'ben', on: '2026-12-02' }), {
        code: 'REQUEST_INVALID',
      });
      await assert.rejects(approve(definitions, ['webhook/none'], { by: 'ben', on: '2026-12-02' }), {
        code: 'INTERFACE_UNKNOWN',
      });
    });

    it('is listed and shown by the command, which says of each when it was seen', () => {
      const data = mkdtempSync(join(tmpdir(), 'crossdock-interfaces-data-'));
      const run = (...args: string[]) =>
        spawnSync(process.execPath, ['cli/crossdock.js', 'interfaces', ...args], {
          encoding: 'utf8',
          env: {
            ...process.env,
            CROSSDOCK_DATA: data,
            CROSSDOCK_PROFILE: 'embedded',
            CROSSDOCK_DEFINITIONS: definitions,
          },
        });
      const list = run('list', '--kind', 'file');
      assert.equal(
        list.stdout,
        'file/finance-export/send-file  approved  finance  financial  1.0.0  never seen\n',
        list.stderr,
      );
      const none = run('show', 'webhook/shopify/order');
      assert.equal(none.status, 1);
      assert.match(none.stderr, /INTERFACE_UNKNOWN: .*perhaps webhook\/shopify\/orders/);
      rmSync(data, { recursive: true });
    });
  });
});
