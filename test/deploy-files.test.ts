import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import Type, { type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { parse, parseAllDocuments } from 'yaml';
import { commands } from '../cli/commands.ts';

const root = resolve(import.meta.dirname, '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const documented = new Set(
  ['run', 'variables'].flatMap((page) =>
    [...read(`docs/operators/${page}.md`).matchAll(/`([A-Z][A-Z_]+_[A-Z]+)`/g)].map(([, name]) => name!),
  ),
);

/** Exactly these fields, as in the API of Kubernetes; `?` after a name: it may be left out. */
function fields(all: Record<string, TSchema>): TSchema {
  const properties = Object.entries(all).map(([name, schema]): [string, TSchema] =>
    name.endsWith('?') ? [name.slice(0, -1), Type.Optional(schema)] : [name, schema],
  );
  return Type.Object(Object.fromEntries(properties), { additionalProperties: false });
}
const text = Type.String({ minLength: 1 });
const whole = Type.Integer({ minimum: 0 });
const texts = Type.Record(text, text);
const meta = fields({ name: text, 'labels?': texts });
const probe = fields({
  httpGet: fields({ path: Type.Union([Type.Literal('/healthz'), Type.Literal('/readyz')]), port: text }),
  'initialDelaySeconds?': whole,
  periodSeconds: whole,
});
const container = fields({
  name: text,
  image: text,
  command: Type.Array(text),
  ports: Type.Array(fields({ name: text, containerPort: whole })),
  envFrom: Type.Array(fields({ secretRef: fields({ name: text }) })),
  env: Type.Array(fields({ name: text, value: text })),
  livenessProbe: probe,
  readinessProbe: probe,
  lifecycle: fields({ preStop: fields({ exec: fields({ command: Type.Array(text) }) }) }),
  resources: fields({ requests: texts, limits: texts }),
  securityContext: fields({
    allowPrivilegeEscalation: Type.Boolean(),
    capabilities: fields({ drop: Type.Array(text) }),
  }),
  volumeMounts: Type.Array(fields({ name: text, mountPath: text })),
});
const pod = fields({
  terminationGracePeriodSeconds: whole,
  securityContext: fields({ runAsNonRoot: Type.Boolean(), runAsUser: whole, fsGroup: whole }),
  containers: Type.Array(container),
  volumes: Type.Array(
    fields({
      name: text,
      'persistentVolumeClaim?': fields({ claimName: text }),
      'emptyDir?': fields({}),
    }),
  ),
});
const selector = fields({ matchLabels: texts });
const specs: Record<string, TSchema> = {
  'v1/PersistentVolumeClaim': fields({
    accessModes: Type.Array(text),
    resources: fields({ requests: texts }),
  }),
  'v1/Service': fields({
    'clusterIP?': Type.Literal('None'),
    selector: texts,
    ports: Type.Array(fields({ name: text, port: whole, targetPort: text })),
  }),
  'policy/v1/PodDisruptionBudget': fields({ maxUnavailable: whole, selector }),
  'apps/v1/Deployment': fields({
    replicas: whole,
    strategy: fields({ type: text, 'rollingUpdate?': fields({ maxUnavailable: whole, maxSurge: whole }) }),
    selector,
    template: fields({ metadata: fields({ labels: texts }), spec: pod }),
  }),
};

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string };
  spec: Record<string, never>;
}
interface Deployment {
  selector: { matchLabels: object };
  template: {
    metadata: { labels: object };
    spec: {
      terminationGracePeriodSeconds: number;
      containers: { command: string[]; env: { name: string }[]; ports: { containerPort: number }[] }[];
    };
  };
}

function isOfCli([node, file, command, ...rest]: string[], where: string): void {
  assert.deepEqual([node, file, rest], ['node', 'cli/crossdock.js', []], where);
  assert.ok(Object.hasOwn(commands, command!), `${where}: crossdock ${command}`);
}

describe('the Kubernetes manifests', () => {
  const all = parseAllDocuments(read('deploy/kubernetes/crossdock.yaml')).map((one) => {
    assert.deepEqual(one.errors, []);
    return one.toJS() as Manifest;
  });

  for (const { apiVersion, kind, metadata, spec } of all)
    it(`have only known fields in ${kind} ${metadata.name}`, () => {
      const schema = specs[`${apiVersion}/${kind}`];
      assert.ok(schema, `${apiVersion}/${kind}`);
      assert.deepEqual([...Value.Errors(meta, metadata), ...Value.Errors(schema, spec)], []);
    });

  it('run commands that there are, with known settings, and give the work at hand its time', () => {
    const deployments = all.filter(({ kind }) => kind === 'Deployment');
    assert.equal(deployments.length, 2);
    for (const { spec, metadata } of deployments) {
      const { selector: of, template } = spec as unknown as Deployment;
      assert.deepEqual(of.matchLabels, template.metadata.labels);
      assert.ok(template.spec.terminationGracePeriodSeconds >= 40);
      for (const { command, env, ports } of template.spec.containers) {
        isOfCli(command, metadata.name);
        assert.equal(ports[0]!.containerPort, 1880);
        for (const { name } of env) assert.ok(documented.has(name), name);
      }
    }
  });
});

describe('the compose files', () => {
  const services = parse(read('deploy/compose.yaml')) as { services: Record<string, object> };
  const hub = parse(read('deploy/compose.hub.yaml'), { merge: true }) as {
    services: Record<
      string,
      {
        command: string[];
        depends_on: object;
        environment: Record<string, string>;
        stop_grace_period: string;
      }
    >;
  };

  it('start hub and workers with known settings, after services that there are', () => {
    assert.deepEqual(Object.keys(hub.services), ['hub', 'worker']);
    for (const [name, service] of Object.entries(hub.services)) {
      isOfCli(service.command, name);
      for (const one of Object.keys(service.depends_on)) assert.ok(services.services[one], one);
      for (const one of Object.keys(service.environment)) assert.ok(documented.has(one), one);
      assert.equal(service.stop_grace_period, '45s');
    }
  });

  it('take passwords under the names that the services have', () => {
    const asked = [...read('deploy/compose.hub.yaml').matchAll(/\$\{([A-Z_]+_PASSWORD)\}/g)];
    assert.equal(asked.length, 3);
    for (const [, name] of asked) assert.ok(read('deploy/compose.yaml').includes(`\${${name}:?`), name);
  });
});

describe('the systemd units', () => {
  const units = globSync('deploy/systemd/*.service', { cwd: root });

  for (const unit of units)
    it(`${unit} runs a command that there is, from the folder of the project, hardened`, () => {
      const said = read(unit);
      const exec = /^ExecStart=\/opt\/crossdock\/node_modules\/node\/bin\/(.+)$/m.exec(said)![1]!;
      isOfCli(exec.split(' '), unit);
      for (const [, name] of said.matchAll(/\b(CROSSDOCK_[A-Z]+)=/g)) assert.ok(documented.has(name!), name);
      for (const one of [
        'NoNewPrivileges=yes',
        'ProtectSystem=strict',
        'TimeoutStopSec=45',
        'Restart=always',
      ])
        assert.ok(said.includes(`\n${one}\n`), one);
    });

  it('are units that systemd takes', function () {
    if (spawnSync('systemd-analyze', ['--version']).error) this.skip();
    const dir = mkdtempSync(join(tmpdir(), 'crossdock-units-'));
    try {
      for (const unit of units) {
        const name = unit.split('/').at(-1)!.replace('@', '@1891');
        const here = read(unit)
          .replaceAll('/opt/crossdock/node_modules/node/bin/node', process.execPath)
          .replaceAll('User=crossdock', 'User=daemon');
        writeFileSync(join(dir, name), here);
        const { status, stderr } = spawnSync('systemd-analyze', ['verify', join(dir, name)], {
          encoding: 'utf8',
        });
        const said = stderr.split('\n').filter((line) => line.includes(name));
        assert.deepEqual([status, said], [0, []], stderr);
      }
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('the image', () => {
  const said = read('deploy/Dockerfile');

  it('copies and ignores what there is', () => {
    for (const [, files] of said.matchAll(/^COPY (.+) \S+$/gm))
      for (const file of files!.split(' ')) assert.ok(existsSync(join(root, file)), file);
    for (const folder of ['flows', 'definitions', 'cli', 'runtime', 'nodes'])
      assert.ok(!read('deploy/Dockerfile.dockerignore').split('\n').includes(folder), folder);
  });

  it('runs a command that starts, is alive and ends in order at its stop signal', async function () {
    this.timeout(180_000);
    const command = JSON.parse(/^CMD (.+)$/m.exec(said)![1]!) as string[];
    isOfCli(command, 'Dockerfile');
    const set = Object.fromEntries(
      [.../^ENV (.+)$/m.exec(said)![1]!.matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [
        name!,
        value!,
      ]),
    );
    for (const name of Object.keys(set)) assert.ok(documented.has(name), name);
    const free = createServer().listen(0);
    await once(free, 'listening');
    const { port } = free.address() as AddressInfo;
    await new Promise((done) => free.close(done));
    const data = mkdtempSync(join(tmpdir(), 'crossdock-image-'));
    mkdirSync(join(data, 'flows'));
    const env = { ...process.env, ...set, CROSSDOCK_DATA: join(data, 'data'), CROSSDOCK_PORT: String(port) };
    const child = spawn(process.execPath, command.slice(1), {
      cwd: root,
      env: { ...env, CROSSDOCK_PROFILE: 'embedded', CROSSDOCK_FLOWS: join(data, 'flows') },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const ended = once(child, 'exit');
      await new Promise<void>((started, fail) => {
        child.stdout.on('data', (chunk: Buffer) => String(chunk).includes('Crossdock runs') && started());
        void ended.then(() => fail(new Error('it ended')));
      });
      assert.equal((await fetch(`http://127.0.0.1:${port}/healthz`)).status, 200);
      child.kill(/^STOPSIGNAL (.+)$/m.exec(said)![1] as NodeJS.Signals);
      assert.deepEqual(await ended, [0, null]);
    } finally {
      child.kill('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    }
  });
});
