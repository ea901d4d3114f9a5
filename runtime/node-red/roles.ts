/** What each role may do. */

export type Role = keyof typeof roles;

const viewer =
  'flows.read nodes.read plugins.read library.read settings.read debug.read status.read crossdock.read'.split(
    ' ',
  );

/** What each role may do, in Node-RED's permissions and the hub's own (`crossdock.*`). */
export const roles: Record<'admin' | 'analyst' | 'approver' | 'operations' | 'viewer', readonly string[]> = {
  admin: ['*'],
  analyst: (
    'flows.read flows.write nodes.read plugins.read context.read library.read library.write settings.read ' +
    'settings.write credentials.read inject.write debug.read debug.write status.read crossdock.read crossdock.data ' +
    'crossdock.work crossdock.replay crossdock.promote crossdock.cut crossdock.author'
  ).split(' '),
  approver: [...viewer, 'crossdock.approve'],
  operations: [...viewer, 'crossdock.data', 'crossdock.work', 'crossdock.replay', 'crossdock.discard'],
  viewer,
};

/** What nobody may do where flows only come as releases. */
const writing = new Set(
  'flows.write nodes.write library.write settings.write credentials.read inject.write crossdock.author'.split(
    ' ',
  ),
);
const ofAdmin =
  'crossdock.data crossdock.work crossdock.replay crossdock.discard crossdock.promote crossdock.cut crossdock.approve'.split(
    ' ',
  );

export function permissionsOf(role: Role, readOnly: boolean): readonly string[] {
  if (!readOnly) return roles[role];
  const all = role === 'admin' ? [...viewer, 'context.read', ...ofAdmin] : roles[role];
  return all.filter((permission) => !writing.has(permission));
}

/** As Node-RED has it: a star is everything. */
export function permits(permissions: readonly string[], permission: string): boolean {
  return permissions.some((one) => one === '*' || one === permission);
}

export interface EditorUser {
  username: string;
  /** Of who is in by sign-on: shown, and nothing else. */
  name?: string;
  /** For whom a token cuts releases. */
  author?: string;
  permissions: readonly string[];
  teams: readonly string[];
}
