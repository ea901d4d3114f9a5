/** Which nodes the linter finds on the way of a message, and where it says they stand. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFiles } from '../runtime/flow-file/disk.ts';
import { lintFlows } from '../runtime/lint/lint.ts';
import type { Finding } from '../runtime/lint/rule.ts';
import { settlement } from '../runtime/lint/settlement.ts';
import { outputsOf, project } from './lint/project.ts';

/** Nodes below an event-consume `orders`, as YAML. Each is drawn, or Node-RED takes it for a config node. */
const flow = (nodes: string, head = 'flow: orders'): string => {
  const names = [...nodes.matchAll(/^ {2}(\w[^:]*):$/gm)].map(([, name]) => name);
  return `${head}\nnodes:\n${nodes}layout:\n${names.map((name) => `  ${name}: [100, 100]\n`).join('')}`;
};
const orders = (to: string): string => `  orders:\n    type: event-consume\n    to: ${to}\n`;
const lint = (files: Record<string, string>): Finding[] =>
  lintFlows(new Map(Object.entries(files)), outputsOf, project(), { settlement });
const found = (files: Record<string, string>): string[] =>
  lint(files).map(({ file, line, node, code }) => `${file}:${line} ${node} ${code}`);
const lost = '  lost:\n    type: debug\n';
const bad = '  wait:\n    type: trigger\n';

describe('crossdock lint', () => {
  it("finds nothing in the project's own flows", async () => {
    assert.deepEqual(lintFlows(await readFiles('flows'), outputsOf, project()), []);
  });

  it('names file, line and node, and says what to use instead', () => {
    const [{ id, ...finding }, ...others] = lint({ 'orders.yaml': flow(orders('wait') + bad) }) as [Finding];
    assert.deepEqual(others, []);
    assert.match(id, /^[0-9a-f]{16}$/);
    assert.match(finding.message, /swallows .*Instead: use delay/);
    assert.deepEqual(
      { ...finding, message: '' },
      {
        code: 'SETTLEMENT_UNTRACKED',
        severity: 'error',
        file: 'orders.yaml',
        line: 6,
        node: 'wait',
        message: '',
      },
    );
  });

  it('a node that no message from outside comes to may be anything', () => {
    assert.deepEqual(found({ 'orders.yaml': flow(`  tick:\n    type: inject\n    to: wait\n${bad}`) }), []);
  });

  it('nor one that is switched off, or in a flow that is', () => {
    const off = `${bad}    disabled: true\n`;
    assert.deepEqual(found({ 'orders.yaml': flow(orders('wait') + off) }), []);
    assert.deepEqual(
      found({ 'orders.yaml': flow(orders('wait') + bad, 'flow: orders\ndisabled: true') }),
      [],
    );
  });

  it('a type that is not known is a warning', () => {
    const [finding] = lint({ 'orders.yaml': flow(`${orders('mail')}  mail:\n    type: e-mail\n`) });
    assert.deepEqual([finding?.code, finding?.severity], ['SETTLEMENT_UNKNOWN', 'warning']);
    assert.match(finding?.message ?? '', /is a e-mail/);
  });

  const ways: [string, Record<string, string>, string][] = [
    ['webhooks', { 'a.yaml': flow(`  in:\n    type: webhook-in\n    to: wait\n${bad}`) }, 'a.yaml:6'],
    [
      'links to another flow',
      {
        'a.yaml': flow(
          `${orders('out')}  out:\n    type: link out\n    mode: link\n    links:\n      - !node b/entry\n`,
        ),
        'b.yaml': flow(`  entry:\n    type: link in\n    to: wait\n${bad}`, 'flow: b'),
      },
      'b.yaml:6',
    ],
    [
      'link calls',
      {
        'a.yaml': flow(`${orders('call')}  call:\n    type: link call\n    links:\n      - !node b/entry\n`),
        'b.yaml': flow(`  entry:\n    type: link in\n    to: wait\n${bad}`, 'flow: b'),
      },
      'b.yaml:6',
    ],
    [
      'what follows a link call',
      {
        'a.yaml': flow(`${orders('call')}  call:\n    type: link call\n    links: []\n    to: wait\n${bad}`),
      },
      'a.yaml:10',
    ],
    [
      'catch flows',
      {
        'a.yaml': flow(
          `${orders('done')}  done:\n    type: debug\n  catch:\n    type: catch\n    scope: null\n    to: wait\n${bad}`,
        ),
      },
      'a.yaml:12',
    ],
    [
      'complete flows',
      {
        'a.yaml': flow(
          `${orders('log')}  log:\n    type: debug\n  done:\n    type: complete\n    scope:\n      - !node log\n    to: wait\n${bad}`,
        ),
      },
      'a.yaml:13',
    ],
    [
      'the inside of a subflow',
      {
        'a.yaml': flow(`${orders('check')}  check:\n    type: subflow:Check\n`),
        'subflows/check.yaml': flow(bad, 'subflow: Check\nin:\n  - wires:\n      - id: !node wait\n'),
      },
      'subflows/check.yaml:7',
    ],
    [
      'what follows a subflow',
      {
        'a.yaml': flow(`${orders('check')}  check:\n    type: subflow:Check\n    to: wait\n${bad}`),
        'subflows/check.yaml': flow(
          '  pass:\n    type: change\n',
          'subflow: Check\nin:\n  - wires:\n      - id: !node pass\nout:\n  - wires:\n      - id: !node pass\n        port: 0',
        ),
      },
      'a.yaml:9',
    ],
  ];
  for (const [title, files, where] of ways)
    it(`follows ${title}`, () => {
      assert.deepEqual(found(files), [`${where} wait SETTLEMENT_UNTRACKED`]);
    });

  it('does not take what is behind a subflow that lets nothing out', () => {
    const files = {
      'a.yaml': flow(`${orders('check')}  check:\n    type: subflow:Check\n`),
      'b.yaml': flow(`  other:\n    type: subflow:Check\n    to: wait\n${bad}`, 'flow: b'),
      'subflows/check.yaml': flow(
        '  pass:\n    type: change\n',
        'subflow: Check\nin:\n  - wires:\n      - id: !node pass\nout: []',
      ),
    };
    assert.deepEqual(found(files), []);
  });

  const functions: [string, string, number][] = [
    ['from a timer', 'setTimeout(() => node.send(msg), 10); return;', 1],
    ['awaited', 'await new Promise((r) => setTimeout(r, 10)); node.send(msg);', 0],
    ['with done', 'setTimeout(() => { node.send(msg); node.done(); }, 10);', 0],
    ['in a comment', 'return msg; // setTimeout(() => node.send(msg), 10)', 0],
  ];
  for (const [title, code, findings] of functions)
    it(`reads a function that sends ${title}`, () => {
      const text = flow(`${orders('f')}  f:\n    type: function\n    func: ${JSON.stringify(code)}\n`);
      assert.equal(found({ 'a.yaml': text }).length, findings);
    });

  describe('the command', () => {
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-lint-'));
    after(() => rmSync(dir, { recursive: true }));
    const run = (...args: string[]) =>
      spawnSync(process.execPath, ['cli/crossdock.js', 'lint', ...args], {
        encoding: 'utf8',
        env: { ...process.env, CROSSDOCK_FLOWS: dir },
      });

    it('ends with 1 on an error and prints findings for people and for programs', () => {
      mkdirSync(join(dir, 'subflows'));
      writeFileSync(join(dir, 'connections.yaml'), 'nodes:\n  hub broker:\n    type: broker\n');
      const from = (to: string) =>
        orders(`${to}\n    broker: !node hub broker\n    types:\n      - order.received.v1`);
      const head = (name: string) => `flow: ${name}\nowner: desk\ntier: bulk`;
      writeFileSync(join(dir, 'a.yaml'), flow(from('wait') + bad, head('a')));
      writeFileSync(join(dir, 'b.yaml'), flow(`${from('log')}  log:\n    type: debug\n${lost}`, head('b')));
      const text = run();
      assert.equal(text.status, 1, text.stderr);
      assert.match(text.stdout, /^a\.yaml:11: error SETTLEMENT_UNTRACKED: "wait" /m);
      assert.match(text.stdout, /^b\.yaml:13: warning NODE_UNREACHABLE: "lost" /m);
      const json = run('--json');
      assert.equal(json.status, 1);
      assert.deepEqual(
        (JSON.parse(json.stdout) as Finding[])
          // The register of the shipped flows, which are not these.
          .filter(({ code }) => code !== 'INTERFACE_UNKNOWN')
          .map(({ node }) => node),
        ['wait', 'lost'],
      );
    });
    it('shows only the files that are named; a warning is no failure', () => {
      const { status, stdout } = run(join(dir, 'b.yaml'));
      assert.equal(status, 0);
      assert.doesNotMatch(stdout, /a\.yaml/);
    });
    it('a file that cannot be read is an error with its line', () => {
      writeFileSync(join(dir, 'c.yaml'), 'flow: [\n');
      const { status, stderr } = run();
      assert.equal(status, 1);
      assert.match(stderr, /FLOW_FILE_INVALID: c\.yaml:/);
    });
  });
});
