/** What a rule finds in a file of definitions: in which entry, not in which line. */
import type { Finding } from './rule.ts';

/** `node`: the entry. */
export function findingIn(file: string, usual: Finding['severity'] = 'error') {
  return (code: string, node: string, message: string, severity = usual): Finding => ({
    code,
    severity,
    file,
    line: 1,
    node,
    id: '',
    message,
  });
}
