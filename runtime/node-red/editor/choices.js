/* Runs in the editor, inside a function: a text field that offers what there is, and says where it names what is not. */
const asked = new Map();

/** What there is of a kind; asked once for each open form. */
function choicesOf(kind, of) {
  const key = kind + ' ' + (of || '');
  if (!asked.has(key))
    asked.set(key, $.ajax({ url: 'tower/api/choices', data: of ? { kind, of } : { kind } }));
  return asked.get(key);
}

const most = 60;

/** Those with all of the words, in their name or title; first those whose name begins so. */
function matching(choices, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = ({ value, title }) =>
    words.every((word) => (value + ' ' + title).toLowerCase().includes(word));
  const first = ({ value }) => (words.length > 0 && value.toLowerCase().startsWith(words[0]) ? 0 : 1);
  return choices
    .filter(fits)
    .toSorted((a, b) => first(a) - first(b))
    .slice(0, most);
}

let comboboxes = 0;

/**
 * Makes a combobox (ARIA APG, list autocomplete) of a text input. `of()` gives the value of the setting that says of which.
 * `note`: where is told what is wrong with what it names.
 */
// oxlint-disable-next-line no-unused-vars -- form.js calls it
function combobox(input, { refers, of }, note) {
  const asks = () => choicesOf(refers, of?.());
  const judge = judging(input, refers, asks, note);
  /** Until somebody types, all are offered, not only the one that is chosen. */
  let typed = false;
  const choose = ({ value }) => {
    list.close();
    typed = false;
    input.val(value).trigger('change').trigger('input').trigger('focus');
    list.close();
  };
  const list = listbox(input, choose);
  const open = () =>
    asks().then(({ choices, kept }) => {
      if (input.is(':focus')) list.show(matching(choices, typed ? input.val() : ''), kept);
    });
  input.on('input', (event) => {
    if (event.originalEvent) {
      typed = true;
      note.empty();
      open();
    } else judge();
  });
  input.on('change', judge);
  input.on('click', () => (list.isOpen() ? list.close() : open()));
  input.on('blur', list.close);
  input.on('keydown', (event) => {
    const arrow = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (arrow) {
      event.preventDefault();
      if (list.isOpen()) list.step(arrow);
      else open();
    } else if (list.isOpen() && (event.key === 'Escape' || (event.key === 'Enter' && list.marked()))) {
      event.preventDefault();
      event.stopPropagation();
      if (event.key === 'Enter') choose(list.marked());
      else list.close();
    }
  });
  judge();
  return judge;
}

/** The list below the input, of which one may be marked. */
function listbox(input, choose) {
  const id = 'crossdock-choices-' + (comboboxes += 1);
  const list = $('<ul role="listbox" class="crossdock-choices"></ul>').attr('id', id).hide();
  list.attr('aria-label', text('choices'));
  let shown = [];
  let active = -1;
  input.attr({
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': id,
  });
  input.attr('autocomplete', 'off').addClass('crossdock-combobox');
  input.after(list);

  const entry = (one, index) =>
    $('<li role="option"></li>')
      .attr({ id: id + '-' + index, 'aria-selected': 'false' })
      .append($('<span class="crossdock-choice"></span>').text(one.value))
      .append(one.title ? $('<span class="crossdock-choice-title"></span>').text(one.title) : [])
      .append(one.missing ? $('<span class="crossdock-choice-missing"></span>').text(text('missing')) : [])
      .on('mousedown', (event) => {
        event.preventDefault();
        choose(one);
      });
  return {
    isOpen: () => list.is(':visible'),
    marked: () => shown[active],
    close() {
      list.hide().empty();
      active = -1;
      input.attr('aria-expanded', 'false').removeAttr('aria-activedescendant');
    },
    /** `kept`: Odoo does not answer, and they are known from before. */
    show(choices, kept) {
      shown = choices;
      list.empty().append(shown.map(entry));
      if (shown.length === 0) list.append($('<li class="crossdock-choice-none"></li>').text(text('none')));
      else if (kept) list.append($('<li class="crossdock-choice-none"></li>').text(text('kept')));
      list.show();
      input.attr('aria-expanded', 'true');
      active = -1;
    },
    step(by) {
      if (shown.length === 0) return;
      active = (active + by + shown.length) % shown.length;
      list.children().each((index, entry) => {
        entry.setAttribute('aria-selected', String(index === active));
        if (index === active) entry.scrollIntoView({ block: 'nearest' });
      });
      if (active >= 0) input.attr('aria-activedescendant', id + '-' + active);
    },
  };
}

/** Says what is wrong with what the input names, and where it can be made. */
function judging(input, refers, asks, note) {
  return () => {
    const value = input.val();
    note.empty();
    if (value === '' || (refers !== 'variable' && reference.test(value))) return;
    // An address may stand there as it is.
    if (refers === 'variable' && !reference.test(value)) return;
    asks().then(({ choices, closed, kept, make }) => {
      if (input.val() !== value || kept) return;
      const found = choices.find((one) => one.value === value);
      if (found && !found.missing) return;
      if (!found && !closed && refers === 'queue') return;
      const said = found ? 'missingHere' : closed ? 'nowhere.' + refers : 'unknown';
      note.empty().append($('<span></span>').text(text(said, { value })));
      if (make)
        note.append(
          ' ',
          $('<a target="_blank" rel="noopener"></a>')
            .attr(
              'href',
              make.replace(/^\//, '') + (make.includes('?') ? '&' : '?') + 'new=' + encodeURIComponent(value),
            )
            .text(text(found ? 'see' : 'make')),
        );
    });
  };
}
