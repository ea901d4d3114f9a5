/** Traces of OpenTelemetry: where they begin and go on, and a collector that takes them or not; nothing of them where none are asked for. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { createLog, type Log } from '../runtime/log/log.ts';
import { batcher } from '../runtime/odoo/together/batcher.ts';
import { collector } from '../runtime/tracing/export/collector.ts';
import { origin } from '../runtime/tracing/origin.ts';
import { within } from '../runtime/tracing/span.ts';
import { tracingSettings } from '../runtime/tracing/export/settings.ts';
import { otlpReceiver, tracingTo, until } from './otlp.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

/** A log, and what it has said. */
function kept(): { log: Log; lines(): { msg: string; traceId?: string }[] } {
  const lines: string[] = [];
  const log = createLog({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  return { log, lines: () => lines.map((line) => JSON.parse(line) as { msg: string; traceId?: string }) };
}

describe('the settings of traces', () => {
  const settings = (more: NodeJS.ProcessEnv) =>
    tracingSettings({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel:4318/', ...more });

  it('without a collector there are none, and nothing of the SDK is read', () => {
    assert.equal(tracingSettings({ OTEL_SERVICE_NAME: 'hub' }), undefined);
    const script = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      const { openTracing } = await import('./runtime/tracing/export/tracing.ts');
      await import('./runtime/hub/finish-delivery.ts');
      await openTracing(JSON.parse(process.argv[1]), undefined);
      console.log(loaded.filter((url) => /@opentelemetry.(core|sdk-trace|exporter)/.test(url)).length > 0);`;
    const reads = (env: object) => {
      const { stdout, stderr } = spawnSync(
        process.execPath,
        ['--input-type=module', '-e', script, JSON.stringify(env)],
        { encoding: 'utf8' },
      );
      return stdout.trim() || stderr;
    };
    assert.equal(reads({}), 'false');
    assert.equal(reads({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }), 'true');
  });

  it('are those of OpenTelemetry', () => {
    assert.deepEqual(settings({}), {
      url: 'http://otel:4318/v1/traces',
      service: 'crossdock',
      share: 1,
      delayMs: 5000,
      timeoutMs: 10_000,
    });
    const sampler = { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.05' };
    assert.equal(settings({ ...sampler, OTEL_SERVICE_NAME: 'hub' })?.share, 0.05);
  });

  it('that mean nothing stop the start', () => {
    for (const wrong of [
      { OTEL_EXPORTER_OTLP_ENDPOINT: 'otel:4318' },
      { OTEL_TRACES_SAMPLER: 'always' },
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio' },
      { OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: '5' },
      { OTEL_EXPORTER_OTLP_TIMEOUT: 'soon' },
    ]) {
      const setting = Object.keys(wrong).at(-1)!;
      const code = { code: 'CONFIG_INVALID', message: new RegExp(`^${setting.replace(/_ARG$/, '')}`) };
      assert.throws(() => settings(wrong), code);
    }
  });
});

describe('where the work on a message stands', () => {
  const now = Date.parse('2026-03-10T12:00:00.000Z');
  const of = (more: object) => origin({ time: '2026-03-10T11:55:00.001Z', traceparent, ...more }, now);

  it('in the trace that brought it, for five minutes; then in one of its own, with a link', () => {
    assert.deepEqual(of({}), { parent: traceparent });
    assert.deepEqual(of({ time: '2026-03-10T11:55:00.000Z' }), { link: traceparent });
    assert.deepEqual(of({ traceparent: undefined }), {});
  });

  it('of one that is sent again: in one of its own, with a link', () => {
    assert.deepEqual(of({ replayof: 'm-1' }), { link: traceparent });
  });
});

describe('a collector that is away', () => {
  it('is told of once, is looked for now and then by one trace, and is there again when that was taken', () => {
    const said: unknown[] = [];
    let now = 0;
    const note = (facts: object, text?: string) => void said.push([text, facts]);
    const log = { info: note, warn: note } as never;
    const state = collector('http://ann:secret@otel:4318/v1/traces', log, () => now);
    assert.ok(state.takes());
    for (const _ of [1, 2]) state.refused(Object.assign(new Error('no'), { code: 'ECONNREFUSED' }));
    assert.equal(state.takes(), false);
    now += 30_000;
    assert.ok(state.takes(), 'one may look');
    // What is not sent says nothing.
    assert.ok(state.takes());
    state.asked();
    assert.equal(state.takes(), false, 'and only one');
    state.answered();
    state.answered();
    assert.ok(state.takes());
    const where = { collector: 'http://ann:***@otel:4318/v1/traces' };
    assert.deepEqual(said, [
      ['Traces are not taken: none are made', { ...where, reason: 'ECONNREFUSED' }],
      ['Traces are taken again', where],
    ]);
  });

  it('costs no trace any more, and the log names no trace that never came', async () => {
    const gone = await otlpReceiver();
    await gone.close();
    const { log, lines } = kept();
    const tracing = await tracingTo(gone.url, log);
    const span = tracing.begin({ name: 'one' })!;
    within(span, () => span.end());
    await until('none is begun', () => tracing.begin({ name: 'more' }) === undefined);
    await tracing.close();
    assert.deepEqual(
      lines().map(({ msg, traceId }) => [msg, traceId]),
      [['Traces are not taken: none are made', undefined]],
    );
  });

  it('stops nobody where it takes a batch and never answers', async () => {
    const sockets = new Set<Socket>();
    const mute = createServer((socket) => void sockets.add(socket)).listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { log } = kept();
    const url = `http://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    const tracing = await tracingTo(url, log, 600_000);
    tracing.begin({ name: 'one' })!.end();
    await until('it was asked', () => sockets.size > 0);
    await tracing.close();
    for (const socket of sockets) socket.destroy();
    mute.close();
  });
});

describe('a call for several messages', () => {
  it('stands in the trace of the first, with links to the others', async () => {
    const receiver = await otlpReceiver();
    const tracing = await tracingTo(receiver.url);
    const roots = [1, 2, 3].map((n) => tracing.begin({ name: `order ${n}` })!);
    const { add } = batcher<number, number>({
      run: async (items) => items.map((value) => ({ status: 'fulfilled', value })),
    });
    await Promise.all(roots.map((root, at) => within(root, () => add(at))));
    for (const root of roots) root.end();
    await tracing.close();
    const batch = receiver.spans.find(({ name }) => name === 'batch')!;
    assert.equal(batch.traceId, roots[0]!.traceId);
    assert.deepEqual(
      batch.links.map(({ traceId }) => traceId),
      roots.slice(1).map(({ traceId }) => traceId),
    );
    await receiver.close();
  });
});

describe('the log', () => {
  it('names the trace of the work it comes from', async () => {
    const receiver = await otlpReceiver();
    const tracing = await tracingTo(receiver.url);
    const { log, lines } = kept();
    const span = tracing.begin({ name: 'work' })!;
    log.info('before');
    within(span, () => log.info('within'));
    const ids = lines().map(({ traceId }) => traceId);
    assert.deepEqual(ids, [undefined, span.traceId]);
    await tracing.close();
    await receiver.close();
  });
});
