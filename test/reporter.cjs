// The spec report, closed by one plain line: N passed, N failed, N skipped.
const { reporters } = require('mocha');

module.exports = class PlainEnd extends reporters.Spec {
  epilogue() {
    super.epilogue();
    const { passes, failures, pending } = this.stats;
    console.log(`${passes} passed, ${failures} failed, ${pending} skipped`);
  }
};
