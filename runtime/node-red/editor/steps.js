/* Runs in the editor, inside a function: one message goes through the flow in a dry run; at each node, what it got, gave and changed. */
const short = (value) => {
  const written = JSON.stringify(value);
  return written.length > 160 ? written.slice(0, 159) + '…' : written;
};

function changedList(changes) {
  const list = $('<ul class="crossdock-diff"></ul>');
  for (const { path, before, after } of changes) {
    const item = $('<li></li>').append($('<code></code>').text(path));
    if (before !== undefined) item.append(' ', $('<del></del>').text(short(before)));
    if (after !== undefined) item.append(' ', $('<ins></ins>').text(short(after)));
    list.append(item);
  }
  return list;
}

function whole(label, value) {
  const words = value === undefined ? text('steps.nothing') : JSON.stringify(value, undefined, 2);
  return $('<details></details>').append(
    $('<summary></summary>').text(label),
    $('<pre tabindex="0"></pre>').attr('aria-label', label).text(words),
  );
}

function oneStep({ type, got, gave }) {
  const made = $('<div></div>').append($('<p></p>').text(type), whole(text('steps.got'), got));
  if (gave.length === 0) made.append($('<p></p>').text(text('steps.ended')));
  for (const { output, message, changes } of gave) {
    const label = text('steps.gave', { output: output + 1 });
    made.append(whole(label, message));
    if (changes.length > 0)
      made.append($('<h5></h5>').text(text('steps.changed', { output: output + 1 })), changedList(changes));
  }
  return made;
}

/** Wires from the steps so far to those that were reached by then. */
function wiresOf(steps) {
  const reached = new Set(steps.map(({ node }) => node));
  const links = steps.flatMap(({ node, gave }) =>
    gave.flatMap(({ output }) => RED.nodes.filterLinks({ source: { id: node }, sourcePort: output })),
  );
  return links.filter(({ target }) => reached.has(target.id)).map(wireOf);
}

/** A dry run with the step that is looked at; the arrows go on and back. */
function stepsView({ steps, problems, got }, tab, first) {
  const view = $('<div></div>');
  if (got.answer) view.append($('<p></p>').text(text('steps.answer', { code: '', ...got.answer })));
  for (const one of problems) view.append($('<p class="crossdock-bad"></p>').text(one));
  if (steps.length === 0) return view;
  const place = $('<h4 aria-live="polite"></h4>');
  const body = $('<div></div>');
  const turn = (label, by) =>
    $('<button type="button" class="red-ui-button red-ui-button-small"></button>')
      .text(text(label))
      .on('click', () => go(at + by));
  const [back, on] = [turn('steps.before', -1), turn('steps.after', 1)];
  let at = 0;
  function go(to) {
    at = Math.max(0, Math.min(steps.length - 1, to));
    const { node, name } = steps[at];
    const past = steps.slice(0, at + 1);
    back.prop('disabled', at === 0);
    on.prop('disabled', at === steps.length - 1);
    place.text(text('steps.place', { at: at + 1, all: steps.length, name }));
    body.empty().append(oneStep(steps[at]));
    mark({ tab, nodes: past.map((step) => step.node), wires: wiresOf(past), step: node });
    RED.view.reveal(node, false);
  }
  const turning = $('<div class="crossdock-line"></div>').append(back, on);
  turning.on('keydown', ({ key }) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (by) go(at + by);
  });
  view.append(turning, place, body);
  go(first);
  return view;
}

/** What can go through: samples of the flow, and first what was asked for, if only to be told what is wrong with it. */
function messageChoice(samples, { letter, sample }) {
  const choice = $('<select></select>');
  const add = (kind, name, words) =>
    choice.append(
      $('<option></option>')
        .val(kind + ' ' + name)
        .text(words),
    );
  if (letter) add('letter', letter, text('steps.letter'));
  for (const name of new Set([...(sample ? [sample] : []), ...samples])) add('sample', name, name);
  return choice;
}

/** `asked`: {sample, letter, step} of the address; with one of the first two it starts at once. */
// oxlint-disable-next-line no-unused-vars -- tests.js calls it
function stepsSection({ id: tab, label: flow }, asked) {
  const made = section(text('steps.title'));
  const [form, status, result] = [$('<div></div>'), $('<p role="status"></p>'), $('<div></div>')];
  const failed = (jqXHR) => status.text(said(jqXHR));
  made.append($('<p></p>').text(text('steps.help')), form, status, result);
  $.ajax({ url: 'tower/api/samples' }).then(({ rows }) => {
    const samples = rows.flatMap(({ name, source, problem }) => (source === flow && !problem ? [name] : []));
    if (samples.length === 0 && !asked.letter && !asked.sample) {
      const link = $('<a target="_blank" rel="noopener" href="workspace/samples"></a>');
      return form.append(link.text(text('steps.none')));
    }
    const choice = messageChoice(samples, asked);
    const start = $('<button type="button" class="red-ui-button red-ui-button-small"></button>');
    start.text(text('steps.start')).on('click', () => run(0));
    form.append(
      $('<label></label>').append(document.createTextNode(text('steps.message') + ' '), choice),
      start,
    );
    if (asked.sample || asked.letter) run(Number(asked.step ?? 1) - 1);

    function run(first) {
      const [kind, ...name] = choice.val().split(' ');
      result.empty();
      status.text(text('tests.running'));
      start.prop('disabled', true);
      askTests('step', { flow, [kind]: name.join(' ') })
        .then((dry) => {
          status.text('');
          result.append(stepsView(dry, tab, first));
          const panel = made.parent();
          panel.scrollTop(panel.scrollTop() + made.offset().top - panel.offset().top);
        }, failed)
        .always(() => start.prop('disabled', false));
    }
  }, failed);
  return made;
}
