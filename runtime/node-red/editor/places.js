/* Runs in the editor, inside a function: opens what an address asks for, names the palette, lists the flows by team or partner. */

/** `/?flow=order-capture`, and `&node=captured` in it; `/#flow/<id>` is Node-RED's own. */
function openAsked() {
  const wanted = new URLSearchParams(location.search);
  const label = wanted.get('flow');
  if (!label) return;
  let found;
  RED.nodes.eachWorkspace((tab) => {
    if (tab.label === label) found = tab;
  });
  history.replaceState(null, '', location.pathname + (found ? '#flow/' + found.id : ''));
  if (!found) return RED.notify($('<p></p>').text(text('flowUnknown', { flow: label })), { type: 'warning' });
  setTimeout(() => {
    RED.workspaces.show(found.id);
    const named = wanted.get('node');
    const node = named && RED.nodes.filterNodes({ z: found.id }).find((one) => one.name === named);
    if (node) RED.view.reveal(node.id);
  }, 50);
}

/** The right panels lie on the flow: they are closed until somebody opens one. */
function freeCanvas() {
  if (cameForTests || RED.settings.getLocal('crossdock-canvas')) return;
  RED.settings.setLocal('crossdock-canvas', 'freed');
  setTimeout(() => RED.menu.setSelected('menu-item-right-sidebar', false), 500);
}

/** Dark where the system is, unless somebody chose; Node-RED itself does so from the next time on. */
function followSystem() {
  if (localStorage.getItem('view-dark-theme') !== null) return;
  localStorage.setItem('view-dark-theme', 'auto');
  const dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  document.documentElement.classList.toggle('nr-theme-dark', dark);
}

/** The palette's categories are made before our words are there. */
function nameCategories() {
  for (const use of ['in', 'check', 'once', 'map', 'out'])
    $('#red-ui-palette-header-crossdock_' + use + ' span').text(text('palette.' + use));
}

const holds = (flow, words, passages) => {
  const said = [flow.flow, flow.summary, flow.team, ...flow.partners, ...flow.sources, ...flow.targets];
  for (const { event, from, to } of passages) {
    if (from.includes(flow.flow)) said.push(event);
    for (const one of to) if (one.flow === flow.flow) said.push(event, one.queue);
  }
  const all = said.join(' ').toLowerCase();
  return words.every((word) => all.includes(word));
};

/** What of it was asked for: "takes order.received.v1". */
function reasons(flow, words, passages) {
  if (words.length === 0) return [];
  const fits = (...said) => words.every((word) => said.join(' ').toLowerCase().includes(word));
  return passages.flatMap(({ event, from, to }) => [
    ...(from.includes(flow.flow) && fits(event) ? [text('publishes') + ' ' + event] : []),
    ...to
      .filter((one) => one.flow === flow.flow && fits(event, one.queue))
      .map(({ queue }) => text('consumes') + ' ' + event + ' · ' + queue),
  ]);
}

function flowEntry(flow, words, passages) {
  const link = $('<a href="#"></a>')
    .attr('href', '#flow/' + flow.id)
    .text(flow.flow);
  link.on('click', (event) => {
    event.preventDefault();
    RED.workspaces.show(flow.id);
  });
  const entry = $('<li></li>').append(link);
  for (const one of reasons(flow, words, passages).slice(0, 6))
    entry.append($('<div class="crossdock-flow-reason"></div>').text(one));
  return entry;
}

function flowsPanel() {
  const panel = $('<div class="crossdock-flows"></div>');
  const find = $('<input type="search">').attr({ placeholder: text('find'), 'aria-label': text('find') });
  const group = $('<select></select>').attr('aria-label', text('grouped'));
  group.append($('<option value="team"></option>').text(text('byDomain')));
  group.append($('<option value="partners"></option>').text(text('byPartner')));
  const map = $('<a target="_blank" rel="noopener" href="workspace/map"></a>').text(text('map'));
  const list = $('<div aria-live="polite"></div>');
  panel.append(find, $('<div class="crossdock-flows-line"></div>').append(group, map), list);
  let known = { flows: [], passages: [] };
  const draw = () => {
    const words = find.val().toLowerCase().split(/\s+/).filter(Boolean);
    const flows = known.flows.filter((flow) => holds(flow, words, known.passages));
    const groups = new Map();
    for (const flow of flows) {
      const names = [flow[group.val()]].flat();
      for (const name of names.length > 0 ? names : [text('nobody')])
        groups.set(name, [...(groups.get(name) ?? []), flow]);
    }
    list.empty();
    if (flows.length === 0) list.append($('<p></p>').text(text('noFlow')));
    for (const [name, part] of [...groups].toSorted(([a], [b]) => a.localeCompare(b))) {
      const entries = part.map((flow) => flowEntry(flow, words, known.passages));
      list.append($('<h4></h4>').text(name), $('<ul></ul>').append(entries));
    }
  };
  const load = () =>
    $.ajax({ url: 'tower/api/map' }).then((answer) => {
      known = answer;
      draw();
    });
  find.on('input', draw);
  group.on('change', draw);
  return { panel, load };
}

RED.plugins.registerPlugin('crossdock-places', {
  type: 'crossdock',
  onadd() {
    nameCategories();
    RED.events.on('flows:loaded', nameCategories);
    RED.events.on('flows:loaded', openAsked);
    RED.events.on('flows:loaded', freeCanvas);
    const { panel, load } = flowsPanel();
    RED.sidebar.addTab({
      id: 'crossdock-flows',
      name: text('flows'),
      label: text('flows'),
      iconClass: 'fa fa-sitemap',
      content: panel,
      enableOnEdit: true,
      onchange: load,
    });
    RED.events.on('deploy', load);
    followSystem();
  },
});
