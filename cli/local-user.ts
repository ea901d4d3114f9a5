/** Who is logged in on this machine. */
import { userInfo } from 'node:os';

/** A container may run as a number that has no name. */
export function localUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid:${process.getuid?.() ?? ''}`;
  }
}
