/** Rule: nothing runs commands or code from elsewhere, unless the environment allows the node type. */
import type { FlowNode } from '../flow-file/format.ts';
import type { Rule } from './rule.ts';

const reasons: readonly { type: string; when?: (node: FlowNode) => boolean; message: string }[] = [
  { type: 'exec', message: 'runs a command of the machine.' },
  { type: 'daemon', message: 'runs a program of the machine.' },
  {
    type: 'function',
    when: ({ libs }) => Array.isArray(libs) && libs.length > 0,
    message: 'loads code from outside into the hub.',
  },
  { type: 'file', message: 'writes files of the machine, which no other worker sees.' },
  { type: 'file in', message: 'reads files of the machine, which no other worker sees.' },
];

export const unsafe: Rule = ({ nodes }, { environment }) =>
  nodes
    .filter(({ type }) => !environment.unsafe?.includes(type))
    .flatMap((node) => {
      const why = reasons.find(({ type, when }) => type === node.type && (when?.(node) ?? true));
      if (!why) return [];
      const message = `${why.message} The environment ${environment.environment} does not allow it (unsafe: [${node.type}]).`;
      return [{ id: node.id, code: 'NODE_UNSAFE', severity: 'error', message }];
    });
