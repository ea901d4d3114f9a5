/**
 * Node-RED's switch node, told when it is done. As it stands it queues what comes while it works and says done of none,
 * so a message would count as done while it waits in that queue. And where the expression of its property fails it only
 * warns. Its source is read with four changes, before Node-RED reads it; everything else is the node as it stands.
 */
import { readFileSync } from 'node:fs';
import Module, { createRequire } from 'node:module';

const changes: readonly [from: string, to: string][] = [
  [
    `this.on('input', function(msg) {\n            processMessageQueue(msg);`,
    `this.on('input', function(msg, send, done) {\n            doneOf.set(msg, done);\n            processMessageQueue(msg);`,
  ],
  [
    'node.warn(err);\n                        done();',
    'node.error(err, msg);\n                        done();',
  ],
  ['var pendingMessages = [];', 'var pendingMessages = [], doneOf = new WeakMap();'],
  [
    'node.error(err,nextMsg);\n                }\n',
    'node.error(err,nextMsg);\n                }\n                doneOf.get(nextMsg)();\n',
  ],
];

const require = createRequire(createRequire(import.meta.url).resolve('node-red'));
const file = require.resolve('@node-red/nodes/core/function/10-switch.js');

let source = readFileSync(file, 'utf8').replaceAll('\r\n', '\n');
for (const [from, to] of changes) {
  if (source.split(from).length !== 2)
    throw new Error(`Node-RED's switch node has changed: ${file} does not have "${from}" once`);
  source = source.replace(from, to);
}

interface Loaded extends NodeJS.Module {
  _compile(source: string, file: string): void;
}
const loaded = new Module(file) as Loaded;
loaded.filename = file;
loaded.paths = (Module as unknown as { _nodeModulePaths(file: string): string[] })._nodeModulePaths(file);
loaded._compile(source, file);
loaded.loaded = true;
require.cache[file] = loaded;
