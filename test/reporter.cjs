// The spec report, then the files that took longest, closed by one plain line: N passed, N failed, N skipped.
const { appendFileSync } = require('node:fs');
const { relative } = require('node:path');
const { format } = require('node:util');
const { reporters } = require('mocha');

const longest = 20;
const here = (file) => relative(process.cwd(), file ?? '');

/** Prints the end of a report. */
function report({ passes, failures, pending, files, end }) {
  console.log(end);
  const rows = files.toSorted((one, other) => other.seconds - one.seconds).slice(0, longest);
  console.log('The longest files, in seconds:');
  for (const { path, seconds } of rows) console.log(`${seconds.toFixed(1).padStart(7)}  ${path}`);
  console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
}

module.exports = class PlainEnd extends reporters.Spec {
  static report = report;

  constructor(runner, options) {
    super(runner, options);
    this.files = new Map();
    let began = 0;
    const outermost = (suite) => suite.parent?.root;
    runner.on('suite', (suite) => {
      if (outermost(suite)) began = performance.now();
    });
    const none = (path) => ({ path, seconds: 0, passes: 0, pending: 0 });
    const add = (what, { file }, count) => {
      const path = here(file);
      const of = this.files.get(path) ?? none(path);
      this.files.set(path, { ...of, [what]: of[what] + count });
    };
    runner.on('pass', (test) => add('passes', test, 1));
    runner.on('pending', (test) => add('pending', test, 1));
    runner.on('suite end', (suite) => {
      if (outermost(suite)) add('seconds', suite, (performance.now() - began) / 1000);
    });
  }

  epilogue() {
    const { passes, failures, pending } = this.stats;
    const files = [...this.files.values()];
    const failed = this.failures.map(({ file }) => here(file));
    const result = { passes, failures, pending, files, failed, end: this.end() };
    // Of several processes test/run.ts prints one end.
    const path = process.env.CROSSDOCK_TEST_RESULT;
    if (path) appendFileSync(path, `${JSON.stringify(result)}\n`);
    else report(result);
  }

  /** What the spec report prints last. */
  end() {
    const lines = [];
    const { Base } = reporters;
    const print = Base.consoleLog;
    Base.consoleLog = (...parts) => lines.push(format(...parts));
    super.epilogue();
    Base.consoleLog = print;
    return lines.join('\n');
  }
};
