/** The login of a user, and what each role allows. */
import { granted, loadRoles, type Roles } from '../roles/roles.ts';

export { permits } from '../roles/permissions.ts';

/** A role of definitions/roles.yaml, by its name of today or of before. */
export type Role = string;

/** What a role allows by itself; by default as shipped. */
export function permissionsOf(role: Role, readOnly: boolean, all: Roles = loadRoles()): readonly string[] {
  return granted(all, [role], { readOnly }).permissions;
}

export interface EditorUser {
  username: string;
  /** Of who is in by sign-on: shown, and nothing else. */
  name?: string;
  /** For whom a token cuts releases. */
  author?: string;
  permissions: readonly string[];
  teams: readonly string[];
  /** Their password was made by another: they may choose their own, and nothing else. */
  once?: boolean;
  /** Names of rules of definitions/roles.yaml that their roles break: they have neither side. */
  meet?: readonly string[];
}
