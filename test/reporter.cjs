// The spec report, then the files that took longest, closed by one plain line: N passed, N failed, N skipped.
const { relative } = require('node:path');
const { reporters } = require('mocha');

const longest = 20;

module.exports = class PlainEnd extends reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    this.seconds = new Map();
    let began = 0;
    const outermost = (suite) => suite.parent?.root;
    runner.on('suite', (suite) => {
      if (outermost(suite)) began = performance.now();
    });
    runner.on('suite end', (suite) => {
      if (!outermost(suite)) return;
      const file = relative(process.cwd(), suite.file ?? '');
      this.seconds.set(file, (this.seconds.get(file) ?? 0) + (performance.now() - began) / 1000);
    });
  }

  epilogue() {
    super.epilogue();
    const rows = [...this.seconds].toSorted(([, one], [, other]) => other - one).slice(0, longest);
    console.log('The longest files, in seconds:');
    for (const [file, seconds] of rows) console.log(`${seconds.toFixed(1).padStart(7)}  ${file}`);
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
