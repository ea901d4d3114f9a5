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
  const id = 'crossdock-choices-' + (comboboxes += 1);
  const list = $('<ul role="listbox" class="crossdock-choices"></ul>').attr('id', id).hide();
  list.attr('aria-label', text('choices'));
  let shown = [];
  let active = -1;
  /** Until somebody types, all are offered, not only the one that is chosen. */
  let typed = false;
  input.attr({
    role: 'combobox',
    'aria-autocomplete': 'list',
    'aria-expanded': 'false',
    'aria-controls': id,
  });
  input.attr('autocomplete', 'off').addClass('crossdock-combobox');
  input.after(list);

  const close = () => {
    list.hide().empty();
    active = -1;
    input.attr('aria-expanded', 'false').removeAttr('aria-activedescendant');
  };
  const choose = ({ value }) => {
    close();
    typed = false;
    input.val(value).trigger('change').trigger('input').trigger('focus');
    close();
  };
  const mark = (at) => {
    active = at;
    list.children().each((index, entry) => {
      entry.setAttribute('aria-selected', String(index === at));
      if (index === at) entry.scrollIntoView({ block: 'nearest' });
    });
    if (at >= 0) input.attr('aria-activedescendant', id + '-' + at);
  };
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
  const open = () =>
    choicesOf(refers, of?.()).then(({ choices, kept }) => {
      if (!input.is(':focus')) return;
      shown = matching(choices, typed ? input.val() : '');
      list.empty().append(shown.map(entry));
      if (shown.length === 0) list.append($('<li class="crossdock-choice-none"></li>').text(text('none')));
      else if (kept) list.append($('<li class="crossdock-choice-none"></li>').text(text('kept')));
      list.show();
      input.attr('aria-expanded', 'true');
      active = -1;
    });
  input.on('input', (event) => {
    if (event.originalEvent) {
      typed = true;
      note.empty();
      open();
    } else judge();
  });
  input.on('change', judge);
  input.on('click', () => (list.is(':visible') ? close() : open()));
  input.on('blur', close);
  input.on('keydown', (event) => {
    const visible = list.is(':visible');
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      event.preventDefault();
      if (!visible) return void open();
      const step = event.key === 'ArrowDown' ? 1 : -1;
      if (shown.length > 0) mark((active + step + shown.length) % shown.length);
    } else if (event.key === 'Enter' && visible && active >= 0) {
      event.preventDefault();
      event.stopPropagation();
      choose(shown[active]);
    } else if (event.key === 'Escape' && visible) {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  });

  function judge() {
    const value = input.val();
    note.empty();
    if (value === '' || (refers !== 'variable' && reference.test(value))) return;
    // An address may stand there as it is.
    if (refers === 'variable' && !reference.test(value)) return;
    choicesOf(refers, of?.()).then(({ choices, closed, kept, make }) => {
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
  }
  judge();
  return judge;
}
