/* Runs in the editor, inside a function: the sidebar Tests runs the tests of the flow on the canvas and shows their way there. */
const askTests = (path, body) =>
  $.ajax({
    url: 'tower/api/tests/' + path,
    method: 'POST',
    contentType: 'application/json',
    data: JSON.stringify(body),
  });

/** What the address asks to see, `/?flow=shopify-intake&tests=run`, `&sample=shopify-order&step=3`, `&letter=…`; once. */
let asked = Object.fromEntries(new URLSearchParams(location.search));
const asksTests = () => Boolean(asked.flow && (asked.tests || asked.sample || asked.letter));

// oxlint-disable-next-line no-unused-vars -- places.js asks it
const cameForTests = asksTests();

const testsPanel = $('<div class="crossdock-releases"></div>');
/** The flow that the panel is drawn for. */
let drawnFor;
let untested = false;

/** What differs, by the node at which it shows. */
function failuresOf(results) {
  const failed = new Map();
  for (const { test, differences, places } of results)
    for (const [at, difference] of differences.entries()) {
      const id = places[at];
      if (id) failed.set(id, [...(failed.get(id) ?? []), test + ': ' + difference]);
    }
  return failed;
}

function testLine(result, tab) {
  const { test, passed, differences, places, trail } = result;
  const name = $('<a href="#"></a>').text(test);
  const onCanvas = () => mark({ tab, ...trail, failed: failuresOf([result]) });
  name.on('click', (event) => {
    event.preventDefault();
    onCanvas();
  });
  const word = $('<b></b>').text(text(passed ? 'tests.good' : 'tests.bad') + ' ');
  const line = $('<li></li>')
    .addClass(passed ? 'crossdock-good' : 'crossdock-bad')
    .append(word, name);
  for (const [at, difference] of differences.entries()) {
    const node = places[at] && RED.nodes.node(places[at]);
    const words = $(node ? '<a href="#"></a>' : '<span></span>').text(difference);
    if (node)
      words.on('click', (event) => {
        event.preventDefault();
        onCanvas();
        RED.view.reveal(node.id);
      });
    line.append($('<p></p>').append(words));
  }
  return line;
}

function reportOf({ passed, failed, results, coverage, trail }, { id: tab, label }) {
  const { taken, nodes, missing } = coverage.find(({ flow }) => flow === label) ?? { missing: [] };
  const badFirst = results.toSorted((a, b) => a.passed - b.passed);
  const list = $('<ul class="crossdock-tests"></ul>').append(badFirst.map((one) => testLine(one, tab)));
  const counted = text('tests.counted', { passed, failed });
  const help = $('<p></p>').text(text('tests.help'));
  const made = $('<div></div>').append($('<p role="status"></p>').text(counted), help, list);
  if (nodes !== undefined) made.append($('<p></p>').text(text('tests.reached', { taken, nodes })));
  if (missing.length > 0)
    made.append($('<p></p>').text(text('tests.missing', { nodes: missing.join(', ') })));
  mark({ tab, ...trail, failed: failuresOf(results) });
  return made;
}

function runSection(workspace, tested, atOnce) {
  const made = section(text('tests.of', { flow: workspace.label }));
  if (!tested) return made.append($('<p></p>').text(text('tests.none')));
  const result = $('<div aria-live="polite"></div>');
  const note = $('<p></p>');
  const start = $('<button type="button" class="red-ui-button red-ui-button-small"></button>');
  const run = () => {
    clearMarks();
    start.prop('disabled', true);
    note.text(RED.nodes.dirty() ? text('tests.deployed') : '');
    result.empty().append($('<p></p>').text(text('tests.running')));
    askTests('run', { flow: workspace.label })
      .then(
        (report) => result.empty().append(reportOf(report, workspace)),
        (jqXHR) => result.empty().append($('<p class="crossdock-bad"></p>').text(said(jqXHR))),
      )
      .always(() => start.prop('disabled', false));
  };
  start.text(text('tests.run')).on('click', run);
  made.append($('<div class="crossdock-line"></div>').append(start), note, result);
  if (atOnce) run();
  return made;
}

/** Debug stands below and takes half of the room: it is closed once, until somebody opens it. */
function makeRoom() {
  if (RED.settings.getLocal('crossdock-tests')) return;
  RED.settings.setLocal('crossdock-tests', 'opened');
  setTimeout(() => {
    const focused = document.activeElement;
    $('.red-ui-sidebar-tab-bar button.selected[data-tab-id="debug"]').trigger('click');
    focused?.focus();
  }, 300);
}

/** Again only for another flow: what was run stays to be read. */
function drawTests() {
  const workspace = RED.nodes.workspace(RED.workspaces.active());
  if (workspace?.id === drawnFor && !asksTests()) return;
  drawnFor = workspace?.id;
  clearMarks();
  testsPanel.empty();
  if (!workspace) return;
  if (!may('crossdock.author') || !may('crossdock.data'))
    return testsPanel.append($('<p></p>').text(text('tests.mayNot')));
  const wanted = asked.flow === workspace.label ? asked : {};
  if (wanted.flow) asked = {};
  $.ajax({ url: 'tower/api/tests' }).then(
    ({ flows }) => {
      if (drawnFor !== workspace.id) return;
      untested = !flows.includes(workspace.label);
      testsPanel
        .empty()
        .append(
          legend,
          runSection(workspace, !untested, Boolean(wanted.tests)),
          stepsSection(workspace, wanted),
        );
    },
    (jqXHR) => testsPanel.append($('<p></p>').text(said(jqXHR))),
  );
}

RED.plugins.registerPlugin('crossdock-tests', {
  type: 'crossdock',
  onadd() {
    const id = 'crossdock-tests';
    RED.sidebar.addTab({
      id,
      name: text('tests.tab'),
      label: text('tests.tab'),
      iconClass: 'fa fa-check-square-o',
      content: testsPanel,
      enableOnEdit: true,
      onchange() {
        // It may have tests by now.
        if (untested) drawnFor = undefined;
        makeRoom();
        drawTests();
      },
    });
    RED.actions.add('crossdock:show-tests', () => RED.sidebar.show(id));
    RED.events.on('workspace:change', () => {
      paint();
      if (testsPanel.is(':visible')) drawTests();
    });
    RED.events.on('flows:loaded', () => {
      const labels = RED.nodes.getWorkspaceOrder().map((id) => RED.nodes.workspace(id).label);
      if (!labels.includes(asked.flow)) asked = {};
      // After the flow that the address names is open.
      if (asksTests()) setTimeout(() => RED.sidebar.show(id), 300);
    });
  },
});
