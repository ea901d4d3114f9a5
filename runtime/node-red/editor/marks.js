/* Runs in the editor, inside a function: marks on the canvas the way that messages took, and where a test failed. */
const nothing = () => ({
  tab: undefined,
  nodes: new Set(),
  wires: new Set(),
  failed: new Map(),
  step: undefined,
});
let marks = nothing();
let painting = 0;
/** The editor draws nodes and wires anew as it likes. */
const redrawn = new MutationObserver(() => {
  cancelAnimationFrame(painting);
  painting = requestAnimationFrame(paint);
});

/** What the colours mean, and how to be rid of them. */
const legend = $('<div class="crossdock-legend" hidden></div>');

const canvas = () => document.getElementById('red-ui-workspace-chart');
const wireOf = ({ source, sourcePort, target }) => source.id + ' ' + (sourcePort || 0) + ' ' + target.id;

function paint() {
  const shown = marks.tab !== undefined && marks.tab === RED.workspaces.active();
  canvas().classList.toggle('crossdock-marked', shown);
  for (const one of canvas().querySelectorAll('.red-ui-flow-node-group')) {
    const { id } = one.__data__ ?? {};
    one.classList.toggle('crossdock-through', shown && marks.nodes.has(id));
    one.classList.toggle('crossdock-failed', shown && marks.failed.has(id));
    one.classList.toggle('crossdock-step', shown && marks.step === id);
  }
  for (const one of canvas().querySelectorAll('.red-ui-flow-link'))
    one.classList.toggle(
      'crossdock-through',
      shown && one.__data__ !== undefined && marks.wires.has(wireOf(one.__data__)),
    );
}

function explain() {
  const { tab, failed, step } = marks;
  const kinds = ['through', 'other', ...(failed.size > 0 ? ['failed'] : []), ...(step ? ['step'] : [])];
  const meanings = kinds.map((kind) =>
    $('<li></li>')
      .addClass('crossdock-is-' + kind)
      .text(text('marks.' + kind)),
  );
  const clear = $('<button type="button" class="red-ui-button red-ui-button-small"></button>');
  clear.text(text('marks.clear')).on('click', clearMarks);
  legend
    .prop('hidden', tab === undefined)
    .empty()
    .append($('<ul></ul>').append(meanings), clear);
}

/** `failed`: texts by the id of the node at which they are shown. */
// oxlint-disable-next-line no-unused-vars -- tests.js and steps.js call it
function mark({ tab, nodes = [], wires = [], failed = new Map(), step }) {
  const before = marks.failed;
  marks = { tab, nodes: new Set(nodes), wires: new Set(wires), failed, step };
  redrawn.observe(canvas(), { childList: true, subtree: true });
  redrawBadges(before);
  explain();
  paint();
}

function clearMarks() {
  const before = marks.failed;
  marks = nothing();
  redrawn.disconnect();
  redrawBadges(before);
  explain();
  paint();
}

function redrawBadges(before) {
  for (const id of new Set([...before.keys(), ...marks.failed.keys()])) {
    const node = RED.nodes.node(id);
    if (node) node.dirty = true;
  }
  RED.view.redraw(true);
}

RED.plugins.registerPlugin('crossdock-marks', {
  type: 'crossdock',
  onadd() {
    RED.view.annotations.register('crossdock-test-failed', {
      type: 'badge',
      element: () => badgeOf('×', 'error'),
      show: (node) => marks.failed.has(node.id),
      tooltip: (node) => (marks.failed.get(node.id) ?? []).join('\n'),
    });
    RED.actions.add('crossdock:clear-marks', clearMarks);
  },
});
