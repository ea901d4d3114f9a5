/* Runs in the editor, inside a function: the sidebar Releases, from what changed to what runs where. */
const releases = (method, path, body) =>
  $.ajax({
    url: `crossdock/${path}`,
    method,
    ...(body && { contentType: 'application/json', data: JSON.stringify(body) }),
  });

const said = (jqXHR) => {
  const { message, code } = jqXHR.responseJSON ?? {};
  return message ? `${message} (${code})` : text('unreachable');
};

/** A button that cannot be pressed twice, and says what went wrong. */
function button(label, work) {
  const made = $('<button type="button" class="red-ui-button red-ui-button-small"></button>').text(label);
  made.on('click', () => {
    made.prop('disabled', true);
    work().then(
      (message) => {
        if (message) RED.notify($('<p></p>').text(message), { type: 'success', timeout: 6000 });
        drawReleases();
      },
      (jqXHR) => {
        RED.notify($('<p></p>').text(said(jqXHR)), { type: 'error', timeout: 20_000 });
        drawReleases();
      },
    );
  });
  return made;
}

const section = (title) => $('<section></section>').append($('<h4></h4>').text(title));
const may = (permission) => RED.settings.user && RED.user.hasPermission(permission);
const when = (iso) => new Date(iso).toLocaleString();

function stateOf({ environment, production, running, drift }) {
  const made = section(production ? text('production', { environment }) : environment);
  made.append(
    $('<p></p>').text(
      running
        ? text('runs', { version: running.version, since: when(running.since), by: running.by })
        : text('working-copy'),
    ),
  );
  if (drift && drift.length > 0) {
    made.append($('<span class="crossdock-badge crossdock-badge-bad"></span>').text(text('drift')));
    for (const one of drift.slice(0, 5)) made.append($('<p></p>').text(one));
  } else if (running)
    made.append($('<span class="crossdock-badge crossdock-badge-good"></span>').text(text('as-released')));
  return made;
}

function waitingFor({ waiting, due }) {
  const made = section(text('waiting'));
  for (const one of [...waiting, ...due]) {
    const line = $('<div class="crossdock-line"></div>').append(
      $('<span></span>').text(
        text('asked', { version: one.version, by: one.promotedBy, author: one.author }),
      ),
    );
    if (may('crossdock.approve'))
      line.append(
        button(text('approve'), () =>
          releases('POST', 'releases/approvals', { id: one.id }).then((done) => {
            if (done.state === 'failed')
              return $.Deferred().reject({ responseJSON: { message: done.reason, code: done.code } });
            return text('approved', { version: one.version, state: done.state });
          }),
        ),
      );
    made.append(line);
  }
  return made;
}

function changesOf({ last, next, changes, lint, edits }) {
  const made = section(last ? text('since', { last }) : text('no-release'));
  const list = $('<ul class="crossdock-changes"></ul>');
  for (const { flow, node, nodeId, text: what, weight } of changes) {
    const where = node ? `${flow}: ${node}` : flow;
    const name = nodeId ? $('<a href="#"></a>').text(where) : $('<b></b>').text(where);
    name.on('click', (event) => {
      event.preventDefault();
      RED.view.reveal(nodeId);
    });
    list.append(
      $(`<li class="crossdock-weight-${weight}"></li>`).append(name, document.createTextNode(` ${what}`)),
    );
  }
  for (const { flow, by, at } of edits.filter((one) => changes.some((change) => change.flow === one.flow)))
    list.append($('<li class="crossdock-edit"></li>').text(text('edited', { flow, by, at: when(at) })));
  if (last && changes.length === 0) made.append($('<p></p>').text(text('unchanged')));
  made.append(list);
  if (!may('crossdock.cut')) return made;
  const note = $('<input type="text" class="crossdock-note">').attr('placeholder', text('note'));
  made.append(
    $('<div class="crossdock-line"></div>').append(
      button(text('test'), () =>
        releases('POST', 'author/tests', {}).then(({ passed, failed, failures }) =>
          failed === 0
            ? text('tests-passed', { passed })
            : $.Deferred().reject({ responseJSON: { message: failures.join('\n'), code: 'TESTS' } }),
        ),
      ),
    ),
  );
  if (!last || changes.length > 0)
    made.append(
      note,
      $('<div class="crossdock-line"></div>').append(
        button(text('cut', { next }), () =>
          releases('POST', 'author/releases', note.val() ? { note: note.val() } : {}).then(({ version }) =>
            text('was-cut', { version }),
          ),
        ).prop('disabled', lint.errors > 0),
      ),
    );
  return made;
}

function releasesOf({ releases: all, targets }) {
  const made = section(text('releases'));
  for (const { version, author, created, changelog } of all.slice(0, 8)) {
    const line = $('<div class="crossdock-release"></div>').append(
      $('<b></b>').text(version),
      document.createTextNode(` ${text('by', { author, created: when(created) })}`),
      $('<p></p>').text(changelog[0] ?? ''),
    );
    if (may('crossdock.cut'))
      for (const to of targets)
        line.append(
          button(text('promote', { to }), () =>
            releases('POST', 'author/sent', { version, to }).then(({ state, code, reason }) =>
              state === 'failed'
                ? $.Deferred().reject({ responseJSON: { message: reason, code } })
                : text(state === 'waiting' ? 'sent-waits' : 'sent-runs', { version, to }),
            ),
          ),
          ' ',
        );
    made.append(line);
  }
  return made;
}

const historyOf = ({ history, running }) => {
  const made = section(text('history'));
  for (const { version, state, at, promotedBy, rollback } of history.slice(0, 8))
    made.append(
      $('<p></p>').text(
        `${version} ${rollback ? `${text('rolled-back')}, ` : ''}${state} · ${when(at)} · ${promotedBy}`,
      ),
    );
  if (running && may('crossdock.promote') && history.some((one) => one.state === 'replaced'))
    made.append(
      button(text('rollback'), () =>
        releases('POST', 'releases/rollback', {}).then(({ version, state }) =>
          text('back', { version, state }),
        ),
      ),
    );
  return made;
};

const panel = $('<div class="crossdock-releases"></div>');

function drawReleases() {
  releases('GET', 'releases/status').then((status) => {
    panel.empty().append(stateOf(status));
    if (status.waiting.length + status.due.length > 0) panel.append(waitingFor(status));
    if (status.history.length > 0) panel.append(historyOf(status));
    if (status.running) return;
    releases('GET', 'author').then(
      (author) => panel.append(changesOf(author), releasesOf(author)),
      (jqXHR) => panel.append($('<p></p>').text(said(jqXHR))),
    );
  });
}

RED.plugins.registerPlugin('crossdock-releases', {
  type: 'crossdock',
  onadd() {
    RED.sidebar.addTab({
      id: 'crossdock-releases',
      label: text('tab'),
      name: text('tab'),
      iconClass: 'fa fa-rocket',
      content: panel,
      onchange: drawReleases,
      enableOnEdit: true,
    });
    RED.actions.add('crossdock:show-releases', () => RED.sidebar.show('crossdock-releases'));
    RED.events.on('workspace:dirty', ({ dirty }) => {
      if (!dirty && panel.is(':visible')) drawReleases();
    });
  },
});
