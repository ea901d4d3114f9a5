/** What nobody caught: the process serves on after a rejection, and ends in order, not well, after an exception. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const module = fileURLToPath(new URL('../runtime/hub/last-defence.ts', import.meta.url));

/** What a process with the defence does when `fault` happens in it; it ends well by itself after half a second. */
function ran(fault: string, stop = 'async () => console.log("stopped")') {
  const script = `
    const { lastDefence } = await import(${JSON.stringify(module)});
    const log = (level) => (facts, text) => console.log(level, facts.code, text);
    lastDefence({ error: log('error'), fatal: log('fatal') }, ${stop});
    setTimeout(() => { console.log('served on'); process.exit(0); }, 500);
    ${fault}`;
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { status, lines: stdout.trim().split('\n') };
}

describe('the last defence', function () {
  this.timeout(90_000);

  it('logs a rejection that nothing handled, and the hub serves on', () => {
    const { status, lines } = ran('void Promise.reject(new Error("x"));');
    assert.deepEqual(
      [status, lines],
      [0, ['error INTERNAL A rejection that nothing handled; the hub serves on', 'served on']],
    );
  });

  it('stops the hub in order after an exception that nothing caught, once, and ends so that it is started again', () => {
    const fault = 'setImmediate(() => { throw new Error("x"); }); setImmediate(() => { throw null; });';
    const { status, lines } = ran(fault);
    const said = 'fatal INTERNAL An exception that nothing caught; the hub ends';
    assert.deepEqual([status, lines.toSorted()], [70, [said, said, 'stopped'].toSorted()]);
  });

  it('ends not well either when the hub cannot stop', () => {
    assert.equal(ran('setImmediate(() => { throw 1; });', 'async () => { throw new Error(); }').status, 70);
  });
});
