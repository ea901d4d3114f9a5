/* Runs in the editor, inside a function: registers a node of the palette; fills, validates and reads its made form. */
const text = (key, values) => RED._('@crossdock/palette/crossdock-form:' + key, values);
const reference = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;
const modes = {
  jsonata: 'ace/mode/jsonata',
  json: 'ace/mode/json',
  yaml: 'ace/mode/yaml',
  text: 'ace/mode/text',
};
const own = (field) => ['number', 'list', 'code'].includes(field.kind);
const empty = (value) =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

/** The first thing wrong with a value, as [key, values] of the texts; undefined when it is fine. */
function problem(field, given) {
  const value = given === undefined ? field.default : given;
  if (field.kind === 'checkbox') return undefined;
  if (empty(value)) {
    if (field.minItems > 0) return ['minItems', { count: field.minItems }];
    return field.required && field.kind !== 'list' && !(field.kind === 'text' && field.minLength === 0)
      ? ['required', {}]
      : undefined;
  }
  if (field.kind === 'list') return problemOfList(field, value);
  if (field.secret) return reference.test(value) ? undefined : ['secret', {}];
  if (typeof value === 'string' && reference.test(value)) return undefined;
  if (field.kind === 'number') return problemOfNumber(field, value);
  if (field.kind === 'select') {
    return field.options.some((one) => String(one.value) === String(value)) ? undefined : ['option', {}];
  }
  if (field.kind === 'code') return problemOfCode(field, value);
  return problemOfText(field, String(value));
}

function problemOfList(field, list) {
  if (!Array.isArray(list)) return ['list', {}];
  if (list.length < (field.minItems || 0)) return ['minItems', { count: field.minItems }];
  if (list.length > (field.maxItems ?? Infinity)) return ['maxItems', { count: field.maxItems }];
  return list.map((one) => problem(field.items, one)).find(Boolean);
}

function problemOfNumber(field, value) {
  const number = Number(value);
  if (!Number.isFinite(number)) return ['number', {}];
  if (field.integer && !Number.isInteger(number)) return ['integer', {}];
  if (number < (field.minimum ?? -Infinity)) return ['minimum', { limit: field.minimum }];
  if (number > (field.maximum ?? Infinity)) return ['maximum', { limit: field.maximum }];
}

function problemOfCode(field, value) {
  if (!field.parse) return field.language === 'json' ? problemOfJson(value) : problemOfText(field, value);
  return typeof value === 'string' ? problemOfJson(value) : undefined;
}

function problemOfJson(value) {
  try {
    JSON.parse(value);
  } catch {
    return ['json', {}];
  }
}

function problemOfText(field, value) {
  if (value.length < (field.minLength || 0)) return ['minLength', { limit: field.minLength }];
  if (value.length > (field.maxLength ?? Infinity)) return ['maxLength', { limit: field.maxLength }];
  if (field.pattern && !new RegExp(field.pattern, 'u').test(value)) {
    return ['pattern', { pattern: field.pattern }];
  }
  if ((field.format === 'uri' || field.format === 'url') && !URL.canParse(value)) return ['url', {}];
}

function message(field, value) {
  const found = problem(field, value);
  return found ? text('problem.' + found[0], found[1]) : '';
}

function defaults(model) {
  const made = { name: { value: '' } };
  for (const field of model.fields) {
    made[field.name] =
      field.kind === 'node'
        ? { value: field.default, type: field.configNode, required: field.required }
        : { value: field.default, validate: validator(field) };
  }
  return made;
}

function validator(field) {
  return function (value, _options) {
    const found = message(field, value);
    return found ? field.title + ': ' + found : true;
  };
}

/** Whether a setting matters, as `applies` of runtime/schema says; `valueOf(field)` is what the form holds. */
function matters(model, field, valueOf) {
  return Object.entries(field.when || {}).every(([name, wanted]) => {
    const other = model.fields.find((one) => one.name === name);
    const set = matters(model, other, valueOf) ? valueOf(other) : undefined;
    const value = empty(set) && set !== undefined ? other.default : set;
    if (typeof value === 'string' && value.startsWith('${')) return true;
    if (wanted === 'given') return !empty(value);
    if (wanted === 'missing') return empty(value);
    return wanted.includes(value);
  });
}

/** Shows the settings that matter; the others keep what they hold until the form is closed. */
function sift(model, node, form) {
  const prefix = model.config ? 'node-config-input' : 'node-input';
  const valueOf = (field) => {
    const element = $(document.getElementById((own(field) ? 'crossdock-' : '') + prefix + '-' + field.name));
    return element.length > 0 ? read(node, field, element) : node[field.name];
  };
  const hidden = new Set(
    model.fields.filter((field) => !matters(model, field, valueOf)).map((one) => one.name),
  );
  form.find('[data-crossdock-field]').each(function () {
    $(this).toggleClass('crossdock-hidden', hidden.has(this.dataset.crossdockField));
  });
  form.find('.crossdock-group').each(function () {
    const rows = $(this).find('[data-crossdock-field]');
    $(this).toggleClass('crossdock-hidden', rows.length === rows.filter('.crossdock-hidden').length);
  });
  return hidden;
}

/** The form of one open dialog: how each field is filled and read. `prefix` tells a node from a config node. */
function open(model, node) {
  const prefix = model.config ? 'node-config-input' : 'node-input';
  node._crossdock = { editors: {}, before: {} };
  asked.clear();
  for (const field of model.fields) {
    const id = (own(field) ? 'crossdock-' : '') + prefix + '-' + field.name;
    const element = $(document.getElementById(id));
    if (element.length === 0) continue;
    const value = node[field.name] === undefined ? field.default : node[field.name];
    node._crossdock.before[field.name] = node[field.name];
    if (field.kind === 'code') openCode(node, field, id, value);
    else if (field.kind === 'list') openList(model, node, field, element, value, prefix);
    else if (field.kind === 'number') element.val(value);
    else if (node[field.name] === undefined && field.kind === 'checkbox') element.prop('checked', value);
    else if (node[field.name] === undefined && field.kind !== 'node') element.val(value);
    watch(model, node, field, element, prefix);
    if (field.refers && field.kind === 'text') offer(model, node, field, element, prefix);
  }
  const form = $(document.getElementById(prefix + '-name')).closest('.crossdock-form');
  node._crossdock.form = form;
  if (!model.fields.some((field) => field.when)) return;
  form.on('input change', () => sift(model, node, form));
  for (const editor of Object.values(node._crossdock.editors))
    editor.getSession().on('change', () => sift(model, node, form));
  sift(model, node, form);
}

function offer(model, node, field, input, prefix) {
  const name = field.of || field.items?.of;
  const of = () => $(document.getElementById(prefix + '-' + name)).val();
  const note = $('<div class="crossdock-nowhere" role="status"></div>');
  const row = input.closest('[data-crossdock-field]');
  if (input.closest('li').length > 0) input.parent().append(note);
  else row.append(note);
  const judge = combobox(input, { refers: field.refers || field.items.refers, ...(name && { of }) }, note);
  if (name) $(document.getElementById(prefix + '-' + name)).on('input change', judge);
}

function openCode(node, field, id, value) {
  const shown =
    field.parse && typeof value !== 'string' ? JSON.stringify(value, null, 2) : String(value ?? '');
  const mode = modes[field.language];
  const editor = RED.editor.createEditor({ id, mode, value: shown });
  node._crossdock.editors[field.name] = editor;
  const label = (element) => element.find('textarea').attr('aria-label', field.title);
  const box = $(document.getElementById(id));
  label(box);
  setTimeout(() => label(box), 500);
  const most = Math.max(field.lines || 1, 12);
  const grow = () => {
    const lines = Math.min(most, Math.max(field.lines || 1, editor.getValue().split('\n').length));
    box.css('height', lines * 19 + 11 + 'px');
    editor.resize();
  };
  if (field.language === 'jsonata') {
    grow();
    editor.getSession().on('change', grow);
  }
  $(document.getElementById(id + '-expand')).on('click', function (event) {
    event.preventDefault();
    const complete = (changed) => {
      editor.setValue(changed, -1);
      setTimeout(() => editor.focus(), 300);
    };
    const options = { value: editor.getValue(), mode, width: 'Infinity', focus: true, complete };
    if (field.language === 'jsonata') RED.editor.editExpression(options);
    else if (field.language === 'json') RED.editor.editJSON(options);
    else RED.editor.editText(options);
  });
}

function openList(model, node, field, element, values, prefix) {
  element.attr({ role: 'group', 'aria-label': field.title });
  element.editableList({
    addButton: text('add'),
    removable: true,
    sortable: true,
    height: 'auto',
    addItem(row, _index, value) {
      const input = field.items.options
        ? $('<select>').append(
            field.items.options.map((one) => $('<option>', { value: String(one.value), text: one.title })),
          )
        : $('<input type="text" spellcheck="false">').attr('placeholder', field.items.placeholder || '');
      if (typeof value === 'string' || typeof value === 'number') input.val(String(value));
      input.attr('aria-label', field.title);
      row.addClass('crossdock-entry').append(input);
      if (field.refers || field.items.refers) offer(model, node, field, input, prefix);
      if (value && typeof value === 'object') input.trigger('focus');
      element.trigger('change');
    },
    removeItem: () => element.trigger('change'),
  });
  for (const value of Array.isArray(values) ? values : []) element.editableList('addItem', value);
}

/** What the form holds for a field, in the type of the schema. */
function read(node, field, element) {
  if (field.kind === 'checkbox') return element.prop('checked');
  if (field.kind === 'list') {
    const rows = element.editableList('items').toArray();
    return rows.map((row) => $(row).find('input,select').val()).filter((value) => value !== '');
  }
  if (field.kind === 'code') {
    const value = node._crossdock.editors[field.name].getValue();
    return field.parse && value !== '' && !problemOfJson(value) ? JSON.parse(value) : value;
  }
  const value = element.val();
  return field.kind === 'number' && value !== '' && !reference.test(value) ? Number(value) : value;
}

function watch(model, node, field, element, prefix) {
  if (field.kind === 'node') return;
  const note = $(document.getElementById('crossdock-problem-' + prefix + '-' + field.name));
  const check = () => {
    const found = message(field, read(node, field, element));
    note.text(found).toggle(found !== '');
    if (own(field)) element.toggleClass('input-error', found !== '');
  };
  const editor = node._crossdock.editors[field.name];
  if (editor) editor.getSession().on('change', check);
  element.on('input change', check);
  check();
}

function save(model, node) {
  const prefix = model.config ? 'node-config-input' : 'node-input';
  for (const field of model.fields) {
    const element = $(document.getElementById('crossdock-' + prefix + '-' + field.name));
    if (own(field) && element.length > 0) keep(node, field, read(node, field, element));
  }
  leaveOut(model, node, prefix);
  close(node);
}

/** What was not written in the file and is as by default stays unwritten. */
function keep(node, field, value) {
  const before = node._crossdock.before[field.name];
  const same = JSON.stringify(value) === JSON.stringify(field.default);
  if (before === undefined && same) delete node[field.name];
  else if (String(before) !== String(value) || typeof before === 'object') node[field.name] = value;
}

/** A setting that does not matter is not kept; Node-RED reads no field that is not there any more. */
function leaveOut(model, node, prefix) {
  const hidden = sift(model, node, node._crossdock.form);
  for (const field of model.fields) {
    const element = $(document.getElementById(prefix + '-' + field.name));
    const before = node._crossdock.before[field.name];
    const unwritten =
      !own(field) &&
      field.kind !== 'node' &&
      element.length > 0 &&
      before === undefined &&
      read(node, field, element) === field.default;
    if (!hidden.has(field.name) && !unwritten) continue;
    delete node[field.name];
    element.remove();
  }
}

function close(node) {
  for (const editor of Object.values(node._crossdock?.editors ?? {})) editor.destroy();
  delete node._crossdock;
}

/** A large code editor takes the height that is left. */
function resize(model, node, size) {
  const code = model.fields.filter((field) => field.lines > 5 && node._crossdock?.editors[field.name]);
  if (code.length !== 1) return;
  const prefix = model.config ? 'crossdock-node-config-input-' : 'crossdock-node-input-';
  const element = $(document.getElementById(prefix + code[0].name));
  const form = element.closest('.crossdock-form');
  const rest = form.outerHeight(true) - element.outerHeight(true);
  element.css('height', Math.max(180, size.height - rest - 20) + 'px');
  node._crossdock.editors[code[0].name].resize();
}

function label(model) {
  return function () {
    const shown = model.labelFrom ? this[model.labelFrom] : '';
    return this.name || (shown && typeof shown !== 'object' ? String(shown) : '') || model.label;
  };
}

/** Puts the words of the chosen language into what the scripts say of a node; its catalogue is there before its page. */
function translate(model) {
  const said = (key, english) =>
    RED._('@crossdock/palette/' + model.type + ':' + key, { defaultValue: english });
  const keyOf = (value) => String(value).replaceAll(/[^\w-]/g, '_');
  model.label = said('label', model.label);
  model.outputs = model.outputs.map((name) => said('outputs.' + keyOf(name) + '.title', name));
  for (const field of model.fields) {
    const key = 'config.' + field.name + '.';
    field.title = said(key + 'title', field.title);
    for (const option of field.options || field.items?.options || [])
      option.title = said(key + 'options.' + keyOf(option.value), option.title);
  }
}

/** `hooks[type]` = { oneditprepare, oneditsave, oneditcancel, oneditdelete, oneditresize } comes from the node's editor.html. */
function register(model) {
  const hooks = window.crossdock.hooks[model.type] || {};
  translate(model);
  RED.nodes.registerType(model.type, {
    category: model.config ? 'config' : 'crossdock_' + model.use,
    color: model.color,
    icon: 'font-awesome/' + model.icon,
    defaults: defaults(model),
    ...(model.config ? { hasUsers: true } : { inputs: model.inputs, outputs: model.outputs.length }),
    paletteLabel: model.label,
    label: label(model),
    labelStyle() {
      return this.name ? 'node_label_italic' : '';
    },
    outputLabels(index) {
      return model.outputs[index];
    },
    oneditprepare() {
      open(model, this);
      hooks.oneditprepare?.call(this);
    },
    oneditsave() {
      hooks.oneditsave?.call(this);
      save(model, this);
    },
    oneditcancel() {
      hooks.oneditcancel?.call(this);
      close(this);
    },
    oneditdelete() {
      hooks.oneditdelete?.call(this);
      close(this);
    },
    oneditresize(size) {
      if (hooks.oneditresize) hooks.oneditresize.call(this, size);
      else resize(model, this, size);
    },
  });
}

window.crossdock = { hooks: {}, register, problem, matters };
