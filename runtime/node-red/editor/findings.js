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

/** A sign in a circle, for a corner of a node. */
function badgeOf(sign, severity) {
  const group = document.createElementNS('http://www.w3.org/2000/svg', 'g');
  group.setAttribute('class', `crossdock-finding crossdock-finding-${severity}`);
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
  mark.textContent = sign;
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

/** Where in the workspace a finding is mended. */
const repairs = { EVENT_UNKNOWN: '/workspace/partners/new' };

/** The first errors, each a way to its node. */
function told(errors) {
  const list = $('<ul class="crossdock-findings"></ul>');
  for (const { id, node, message, code } of errors.slice(0, 8)) {
    const link = $('<a href="#"></a>').text(node);
    link.on('click', (event) => {
      event.preventDefault();
      RED.view.reveal(id);
      RED.view.select({ nodes: [RED.nodes.node(id)].filter(Boolean) });
    });
    const item = $('<li></li>').append(link, document.createTextNode(` ${message} `));
    if (repairs[code])
      item.append(
        $('<a target="_blank"></a>')
          .attr('href', repairs[code])
          .text(text(`mend-${code}`)),
      );
    list.append(item);
  }
  return $('<div></div>').append($('<p></p>').text(text('refused', { count: errors.length })), list);
}

/** The one notice about a deploy: the next one, or a deploy that is taken, replaces it. */
let notice;
function tell(content) {
  notice?.close();
  notice = RED.notify(content, { type: 'error', fixed: true, modal: false, buttons: [closing()] });
}

function closing() {
  return { text: RED._('common.label.close'), class: 'primary', click: () => settle() };
}

function settle() {
  notice?.close();
  notice = undefined;
}

/** The editor shows the answer of a refused deploy as it is, in a notice of its own: ours stands for it. */
function readable(jqXHR) {
  jqXHR.fail(() => {
    if (jqXHR.status === 401 || jqXHR.status === 409) return;
    let said;
    try {
      said = JSON.parse(jqXHR.responseText);
    } catch {
      return;
    }
    tell($('<div></div>').text(`${said.message} (${said.code})`));
    mute();
    if (said.code !== 'FLOW_LINT') return;
    call('POST', RED.nodes.createCompleteNodeSet({ credentials: false })).then((found) => {
      const errors = found.filter((one) => one.severity === 'error');
      if (errors.length > 0) tell(told(errors));
    });
  });
}

/** Until the end of this turn, in which the editor notifies. */
function mute() {
  const { notify } = RED;
  RED.notify = () => ({ close() {}, update() {} });
  setTimeout(() => (RED.notify = notify));
}

RED.plugins.registerPlugin('crossdock-findings', {
  type: 'crossdock',
  onadd() {
    RED.view.annotations.register('crossdock-finding', {
      type: 'badge',
      align: 'left',
      element: (node) => badgeOf('!', worst(node)),
      show: (node) => findings.has(node.id),
      refresh: (node) => findings.has(node.id),
      tooltip: (node) => (findings.get(node.id) ?? []).map((one) => `${one.code}: ${one.message}`).join('\n'),
    });
    $.ajaxPrefilter((options, _original, jqXHR) => {
      if (options.type === 'POST' && /(^|\/)flows$/.test(options.url)) readable(jqXHR);
    });
    RED.events.on('deploy', settle);
    const refresh = () => call('GET').fail(() => {});
    RED.events.on('workspace:dirty', ({ dirty }) => {
      if (!dirty) refresh();
    });
    RED.events.on('runtime-state', refresh);
    RED.events.on('flows:loaded', refresh);
  },
});
