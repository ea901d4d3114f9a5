/** Every setting of the embedded Node-RED. */
import { fileURLToPath } from 'node:url';
import { uses } from './runtime/node-red/define-node.ts';
import { nodeRedLog } from './runtime/node-red/log-handler.ts';
import type { Log } from './runtime/log/log.ts';

export interface SettingsOptions {
  /** Node-RED's own folder; the palette is made in its node_modules. */
  userDir: string;
  host: string;
  port: number;
  /** From openUsers; without it there is no editor and no admin API. */
  adminAuth?: object;
  credentialSecret: string;
  log: Log;
  /** Default: flows.json in userDir. */
  storageModule?: object;
  /** False for a worker: no editor and no admin API at all. */
  editor?: boolean;
}

/** Where core `http in` nodes answer; the hub's own webhooks are below /hooks. */
export const httpNodeRoot = '/api';

/** Node-RED 5 settings (https://nodered.org/docs/user-guide/runtime/configuration). */
export function settings(options: SettingsOptions): Record<string, unknown> {
  return {
    userDir: options.userDir,
    uiHost: options.host,
    uiPort: options.port,
    httpAdminRoot: options.editor === false || !options.adminAuth ? false : '/',
    httpNodeRoot,
    httpServerOptions: { 'x-powered-by': false },
    apiMaxLength: '5mb',
    ...(options.adminAuth && { adminAuth: options.adminAuth }),
    credentialSecret: options.credentialSecret,
    ...(options.storageModule && { storageModule: options.storageModule }),
    flowFile: 'flows.json',
    logging: { pino: nodeRedLog(options.log) },
    contextStorage: { default: { module: 'memory' } },
    functionGlobalContext: {},
    exportGlobalContextKeys: false,
    ...closed,
    editorTheme,
  };
}

/** What the hub does not offer: installing code from the editor, shell commands, reports to others. */
const closed = {
  externalModules: {
    autoInstall: false,
    palette: { allowInstall: false, allowUpload: false, allowUpdate: false },
    modules: { allowInstall: false },
  },
  functionExternalModules: false,
  functionTimeout: 30,
  nodesExcludes: ['90-exec.js'],
  telemetry: { enabled: false, updateNotification: false },
  diagnostics: { enabled: false, ui: false },
  runtimeState: { enabled: false, ui: false },
  safeMode: false,
};

const editorTheme = {
  page: { title: 'Crossdock' },
  header: { title: 'Crossdock', image: null },
  login: { image: fileURLToPath(new URL('./runtime/node-red/editor/login.svg', import.meta.url)) },
  tours: false,
  userMenu: true,
  projects: { enabled: false },
  multiplayer: { enabled: false },
  palette: { categories: [...uses.map((use) => `crossdock_${use}`), 'common', 'function', 'network'] },
  codeEditor: { lib: 'monaco', options: { minimap: { enabled: false } } },
  markdownEditor: { mermaid: { enabled: false } },
  menu: {
    'menu-item-help': { label: 'Node-RED documentation', url: 'https://nodered.org/docs' },
    'menu-item-node-red-version': false,
  },
};
