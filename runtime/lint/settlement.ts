/** Rule: no node on the way of a message hides work from settlement, which counts a message's work by node. */
import type { FlowNode } from '../flow-file/format.ts';
import type { Remark, Rule } from './rule.ts';

export interface Untracked {
  type: string;
  /** Which settings, in words; undefined when all. */
  setting?: string;
  when?: (node: FlowNode) => boolean;
  /** What the node does: `"<name>" <reason>`. */
  reason: string;
  instead: string;
}

/** Each was tried in Node-RED: test/settlement.test.ts shows how it goes wrong. */
export const untracked: readonly Untracked[] = [
  {
    type: 'batch',
    reason: 'holds a message until others have come; one that waits too long is given back and comes twice',
    instead: 'let each message go its own way',
  },
  {
    type: 'delay',
    setting: 'rate limit that drops messages, on one output',
    when: ({ pauseType, drop, outputs }) => pauseType === 'rate' && drop === true && outputs !== 2,
    reason: 'drops messages, and a dropped message counts as done',
    instead: 'queue messages, or send what is too much to a second output',
  },
  {
    type: 'delay',
    setting: 'burst, on one output',
    when: ({ pauseType, outputs }) => pauseType === 'burst' && outputs !== 2,
    reason: 'drops messages, and a dropped message counts as done',
    instead: 'queue messages, or send what is too much to a second output',
  },
  {
    type: 'delay',
    setting: 'by topic, on one output',
    when: ({ pauseType, outputs }) => ['queue', 'timed'].includes(String(pauseType)) && outputs !== 2,
    reason: 'keeps the last message of a topic and drops the others, which then count as done',
    instead: 'rate limit all messages and queue them',
  },
  {
    type: 'function',
    setting: 'code that sends from a timer',
    when: ({ func }) => sendsFromTimer(String(func ?? '')),
    reason: 'sends from a timer after it has returned; the message can be settled before',
    instead: 'await the timer, or call node.done() after the last send',
  },
  {
    type: 'join',
    setting: 'manual, by a number of messages',
    when: ({ mode, count, useparts }) => mode === 'custom' && (count !== '' || useparts === false),
    reason: 'makes one message of several; only one of them is settled with the work that follows',
    instead: 'join automatically what split has made of one message',
  },
  {
    type: 'split',
    setting: 'as a stream',
    when: ({ stream }) => stream === true,
    reason: 'keeps the end of a message for the next one, which may never come',
    instead: 'split each message by itself',
  },
  {
    type: 'tcp request',
    reason: 'is done when the request is written; the answer comes after the message may be settled',
    instead: 'use http request',
  },
  {
    type: 'trigger',
    reason: 'sends a second message later, when the first may be settled, and swallows what comes meanwhile',
    instead: 'use delay, or let the recovery policy try again later',
  },
];

/** Node-RED's own nodes that are counted rightly, as long as they are not in the table. */
const tracked = new Set(
  (
    'catch,change,comment,complete,csv,debug,delay,file,file in,function,html,http request,http response,join,json,' +
    'junction,link call,link in,link out,mqtt in,mqtt out,range,rbe,sort,split,status,switch,tcp out,template,udp out,' +
    'websocket out,xml,yaml'
  ).split(','),
);
const sources = new Set(['event-consume', 'webhook-in', 'schedule', 'odoo-changes']);

export const settlement: Rule = ({ nodes, ours, reachable }) =>
  reachable(nodes.filter(({ type }) => sources.has(type))).flatMap((node): Remark[] => {
    const { id, type } = node;
    const wrong = untracked.find((entry) => entry.type === type && (entry.when?.(node) ?? true));
    if (wrong) {
      const message = `${wrong.reason}. Instead: ${wrong.instead}.`;
      return [{ id, code: 'SETTLEMENT_UNTRACKED', severity: 'error', message }];
    }
    const unknown = unknownBecause(node, ours);
    return unknown ? [{ id, code: 'SETTLEMENT_UNKNOWN', severity: 'warning', message: unknown }] : [];
  });

function unknownBecause({ type, linkType }: FlowNode, ours: (type: string) => boolean): string | undefined {
  if (type === 'link call' && linkType === 'dynamic')
    return 'calls what each message names, so the way of the message cannot be followed. Choose the link in the node.';
  if (ours(type) || tracked.has(type) || type.startsWith('subflow:')) return undefined;
  return `is a ${type}, which is not known here. Make sure that it calls done after it has sent its last message.`;
}

/** Code that waits for nothing and says done by itself has returned before its timer fires. */
function sendsFromTimer(code: string): boolean {
  const bare = code.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
  return (
    /\bset(Timeout|Interval|Immediate)\s*\(/.test(bare) &&
    /\bnode\s*\.\s*send\s*\(/.test(bare) &&
    !/\bawait\b|\bPromise\b|\bnode\s*\.\s*done\s*\(/.test(bare)
  );
}
