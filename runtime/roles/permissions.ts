/** What there is to be allowed: the hub's own permissions, and Node-RED's. */

/** Each is asked for by routes of the hub, in these words. */
export const own = {
  'crossdock.read': 'reads the tower and the workspace, without the data of messages',
  'crossdock.data': 'sees the data of messages; each look stands in the audit',
  'crossdock.work': 'works on issues, and explains what reconciliation finds',
  'crossdock.replay': 'sends exceptions again, alone or by a plan, and moves processes on',
  'crossdock.discard': 'discards exceptions',
  'crossdock.settle': 'accepts what another explained of a reconciliation',
  'crossdock.accounts': 'says which account and journal of Odoo money goes to',
  'crossdock.author': 'changes flows and definitions in the browser',
  'crossdock.cut': 'tests, cuts and sends releases',
  'crossdock.promote': 'brings a release to a hub, and takes it back',
  'crossdock.approve': 'approves what another made and promoted',
  'crossdock.users': 'gives and takes logins, roles and tokens, and ends sessions',
  'crossdock.audit': 'reads the audit',
  'crossdock.metrics': 'reads the metrics',
} as const;

export type OwnPermission = keyof typeof own;

const look = ['flows.read', 'nodes.read', 'plugins.read', 'library.read', 'settings.read'];
const editing = ['flows.write', 'nodes.write', 'library.write', 'settings.write', 'credentials.read'];

/** Names for several of Node-RED's. */
const groups: Record<string, readonly string[]> = {
  'editor.look': [...look, 'debug.read', 'status.read'],
};

const ofNodeRed = [...look, ...editing, 'context.read', 'context.write'].concat(
  'inject.write debug.read debug.write status.read plugins.write projects.read projects.write'.split(' '),
  ['diagnostics.read', 'udp-ports.read'],
);

export const known: ReadonlySet<string> = new Set([
  '*',
  ...Object.keys(own),
  ...ofNodeRed,
  ...Object.keys(groups),
]);

/** What nobody may do where flows only come as releases. */
const writing = new Set([...editing, 'inject.write', 'crossdock.author']);

/**
 * In single ones. Of nodes of others too, as Node-RED has it: `*.read` is each that ends so. Where one of these is taken out, those
 * of Node-RED that end so stand in its place: it would permit what is taken out, here and in Node-RED.
 */
export function expanded(may: readonly string[], not: readonly string[] = []): string[] {
  return without(apart(may), apart(not));
}

/** The same where flows only come as releases: what is taken out gives nothing that a wide one does not. */
export function expandedToRead(may: readonly string[], not: readonly string[] = []): string[] {
  return without(withoutWriting(apart(may)), apart(not));
}

function apart(permissions: readonly string[]): string[] {
  return permissions.flatMap((one) =>
    one === '*' ? ['*.read', '*.write', ...Object.keys(own)] : (groups[one] ?? [one]),
  );
}

function without(permissions: readonly string[], taken: readonly string[]): string[] {
  const single = permissions.flatMap((one) => {
    const ending = one.startsWith('*') ? one.slice(1) : undefined;
    const isHit = ending !== undefined && taken.some((gone) => gone.endsWith(ending));
    return isHit ? ofNodeRed.filter((each) => each.endsWith(ending)) : [one];
  });
  return [...new Set(single)].filter((one) => !permits(taken, one));
}

function withoutWriting(permissions: readonly string[]): string[] {
  const wide = permissions.flatMap((one) => {
    if (one === '*.write') return [];
    return one === '*.read' ? [...groups['editor.look']!, 'context.read'] : [one];
  });
  return [...new Set(wide)].filter((one) => !writing.has(one));
}

/** As Node-RED has it: a star is everything, `*.read` all that ends so. */
export function permits(permissions: readonly string[], permission: string): boolean {
  const [ending] = /[.](?:read|write)$/.exec(permission) ?? [];
  return permissions.some((one) => one === '*' || one === permission || (ending && one === `*${ending}`));
}
