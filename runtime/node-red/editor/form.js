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

/** The form of one open dialog: how each field is filled and read. `prefix` tells a node from a config node. */
function open(model, node) {
  const prefix = model.config ? 'node-config-input' : 'node-input';
  node._crossdock = { editors: {} };
  for (const field of model.fields) {
    const id = (own(field) ? 'crossdock-' : '') + prefix + '-' + field.name;
    const element = $(document.getElementById(id));
    if (element.length === 0) continue;
    const value = node[field.name] === undefined ? field.default : node[field.name];
    if (field.kind === 'code') openCode(node, field, id, value);
    else if (field.kind === 'list') openList(field, element, value);
    else if (field.kind === 'number') element.val(value);
    else if (node[field.name] === undefined && field.kind === 'checkbox') element.prop('checked', value);
    else if (node[field.name] === undefined && field.kind !== 'node') element.val(value);
    watch(model, node, field, element, prefix);
  }
}

function openCode(node, field, id, value) {
  const shown =
    field.parse && typeof value !== 'string' ? JSON.stringify(value, null, 2) : String(value ?? '');
  const mode = modes[field.language];
  const editor = RED.editor.createEditor({ id, mode, value: shown });
  node._crossdock.editors[field.name] = editor;
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

function openList(field, element, values) {
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
      row.addClass('crossdock-entry').append(input);
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
    if (own(field) && element.length > 0) node[field.name] = read(node, field, element);
  }
  close(node);
}

function close(node) {
  for (const editor of Object.values(node._crossdock?.editors ?? {})) editor.destroy();
  delete node._crossdock;
}

/** One code editor takes the height that is left; several share nothing and keep theirs. */
function resize(model, node, size) {
  const code = model.fields.filter((field) => field.kind === 'code' && node._crossdock?.editors[field.name]);
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

/** `hooks[type]` = { oneditprepare, oneditsave, oneditcancel, oneditresize } comes from the node's editor.html. */
function register(model) {
  const hooks = window.crossdock.hooks[model.type] || {};
  RED.nodes.registerType(model.type, {
    category: model.config ? 'config' : 'Crossdock',
    color: model.color,
    icon: 'font-awesome/' + model.icon,
    defaults: defaults(model),
    ...(model.config ? { hasUsers: true } : { inputs: model.inputs, outputs: model.outputs.length }),
    paletteLabel() {
      return RED._('@crossdock/palette/' + model.type + ':label', { defaultValue: model.label });
    },
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
      close(this);
    },
    oneditresize(size) {
      if (hooks.oneditresize) hooks.oneditresize.call(this, size);
      else resize(model, this, size);
    },
  });
}

window.crossdock = { hooks: {}, register, problem };
