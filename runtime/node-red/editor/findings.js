/* Runs in the editor, inside a function: shows what the linter finds on the nodes, and why a deploy was refused. */
const text = (key, values) => RED._('@crossdock/palette/crossdock-hub:' + key, values);
const findings = new Map();

function show(found) {
  const before = [...findings.keys()];
  findings.clear();
  for (const one of found) findings.set(one.id, [...(findings.get(one.id) ?? []), one]);
  for (const id of new Set([...before, ...findings.keys()])) {
    const node = RED.nodes.node(id);
    if (node) node.dirty = true;
  }
  RED.view.redraw(true);
}

const worst = (node) =>
  (findings.get(node.id) ?? []).some((one) => one.severity === 'error') ? 'error' : 'warning';

function badge(node) {
  const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  group.setAttribute('class', `crossdock-finding crossdock-finding-${worst(node)}`);
  const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  for (const [name, value] of [
    ['cx', 6],
    ['cy', 6],
    ['r', 6.5],
  ])
    circle.setAttribute(name, value);
  const mark = document.createElementNS('http://www.w3.org/2000/svg', 'text');
  for (const [name, value] of [
    ['x', 6],
    ['y', 9.5],
    ['text-anchor', 'middle'],
  ])
    mark.setAttribute(name, value);
  mark.textContent = '!';
  group.append(circle, mark);
  return group;
}

const call = (method, flows) =>
  $.ajax({
    url: 'crossdock/lint',
    method,
    ...(flows && { contentType: 'application/json', data: JSON.stringify({ flows }) }),
  }).then((found) => {
    show(found);
    return found;
  });

/** The first errors, each a way to its node. */
function told(errors) {
  const list = $('<ul class="crossdock-findings"></ul>');
  for (const { id, node, message } of errors.slice(0, 8)) {
    const link = $('<a href="#"></a>').text(node);
    link.on('click', (event) => {
      event.preventDefault();
      RED.view.reveal(id);
      RED.view.select({ nodes: [RED.nodes.node(id)].filter(Boolean) });
    });
    list.append($('<li></li>').append(link, document.createTextNode(` ${message}`)));
  }
  return $('<div></div>').append($('<p></p>').text(text('refused', { count: errors.length })), list);
}

/** The editor shows the answer of a refused deploy as it is: say it in words, and let the findings follow. */
function readable(jqXHR) {
  jqXHR.fail(() => {
    if (jqXHR.status === 401 || jqXHR.status === 409) return;
    let said;
    try {
      said = JSON.parse(jqXHR.responseText);
    } catch {
      return;
    }
    jqXHR.responseText = $('<div></div>').text(`${said.message} (${said.code})`).html();
    if (said.code !== 'FLOW_LINT') return;
    call('POST', RED.nodes.createCompleteNodeSet({ credentials: false })).then((found) => {
      const errors = found.filter((one) => one.severity === 'error');
      if (errors.length > 0) RED.notify(told(errors), { type: 'error', timeout: 20_000 });
    });
  });
}

RED.plugins.registerPlugin('crossdock-findings', {
  type: 'crossdock',
  onadd() {
    RED.view.annotations.register('crossdock-finding', {
      type: 'badge',
      align: 'left',
      element: badge,
      show: (node) => findings.has(node.id),
      refresh: (node) => findings.has(node.id),
      tooltip: (node) => (findings.get(node.id) ?? []).map((one) => `${one.code}: ${one.message}`).join('\n'),
    });
    $.ajaxPrefilter((options, _original, jqXHR) => {
      if (options.type === 'POST' && /(^|\/)flows$/.test(options.url)) readable(jqXHR);
    });
    const refresh = () => call('GET').fail(() => {});
    RED.events.on('workspace:dirty', ({ dirty }) => {
      if (!dirty) refresh();
    });
    RED.events.on('runtime-state', refresh);
    RED.events.on('flows:loaded', refresh);
  },
});
