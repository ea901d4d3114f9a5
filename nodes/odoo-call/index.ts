/** Flow node: calls any public method of Odoo, for what no other node covers. */
import { Type } from 'typebox';
import { demand } from '../../runtime/authority/authority.ts';
import { reads } from '../../runtime/authority/reads.ts';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import { defineNode } from '../../runtime/node-red/define-node.ts';
import type { Odoo } from '../../runtime/odoo/client.ts';
import { needsOfCall } from '../../runtime/odoo/rights/needs.ts';
import type { Needing } from '../../runtime/odoo/rights/watch.ts';
import { inVocabulary } from '../../runtime/odoo/vocabulary.ts';
import { asUncertain } from '../../runtime/recovery/as-uncertain.ts';

/** Codes after which it is not known whether Odoo did the work. */
const unknown = ['ODOO_TIMEOUT', 'ODOO_ANSWER_LOST', 'ODOO_ANSWER_INVALID'] as const;

export default defineNode({
  type: 'odoo-call',
  use: 'out',
  summary: 'Calls a method of Odoo that no other node covers.',
  help: `Calls **method** of **model** with the named arguments in \`msg.payload\`, as Odoo's JSON-2 API takes them: \`ids\` are
the records, \`context\` the context, the rest the arguments: \`{"domain": [["id", "=", 7]], "fields": ["name"]}\`.
The answer is the new \`msg.payload\`. Fields are named as in Odoo 19; the hub says them to an older Odoo in its own words.

After ODOO_TIMEOUT or ODOO_ANSWER_LOST Odoo may have done the work, and a retry does it again. **Repeat** says whether
that is harmless. Where it is not, such a failure is not tried again: it waits for a person, who looks.

A window that Odoo would open for a person is a failure, ODOO_REFUSED, unless the method is one that answers with one.`,
  icon: 'fa-terminal',
  color: '#D7C1E0',
  labelFrom: 'method',
  config: Type.Object({
    connection: Type.String({
      title: 'Odoo',
      description: 'Which Odoo, and how to reach it.',
      configNode: 'odoo-connection',
    }),
    model: Type.String({
      refers: 'model',
      title: 'Model',
      description: 'Technical name of the model.',
      minLength: 1,
      placeholder: 'res.partner',
    }),
    method: Type.String({
      title: 'Method',
      description: 'A public one: its name does not start with _.',
      pattern: '^[a-z][a-zA-Z0-9_]*$',
      placeholder: 'search_read',
    }),
    repeat: Type.Boolean({
      title: 'Repeat',
      description: 'The same call again does no harm: it only reads, or sets what it sets.',
      default: false,
    }),
    window: Type.Boolean({
      title: 'Takes a window',
      description: 'An answer that opens a window is fine.',
      default: false,
    }),
  }),
  inputs: 1,
  writes: 'what the method of Odoo writes',
  outputs: [{ name: 'answer', description: "payload is Odoo's answer." }],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    const { odoo: connection, need } = use<{ odoo: Odoo } & Needing>(config.connection, 'Odoo');
    const odoo = inVocabulary(connection);
    const { model, method } = config;
    need(needsOfCall(model, method));
    if (!reads(method)) demand(hub.authority.wrongWriter(model, flowContext.flow));
    return {
      async input(msg) {
        const { payload } = msg;
        if (typeof payload !== 'object' || payload === null || Array.isArray(payload))
          throw new CodedError('SCHEMA_INVALID', 'The payload is not an object of named arguments', {
            path: '',
          });
        const started = Date.now();
        const answer = await odoo
          .call<unknown>(model, method, payload as Record<string, unknown>)
          .catch((error: unknown) => {
            throw config.repeat
              ? error
              : asUncertain(error, unknown, 'ODOO_UNCERTAIN', 'It is not known whether Odoo did it');
          });
        const wizard = !config.window && windowOf(answer);
        if (wizard) throw new CodedError('ODOO_REFUSED', `Odoo asks a person: ${wizard}`, { model, method });
        const delivery = deliveryOf(msg);
        if (delivery) {
          note(delivery, flowContext, reads(method) ? 'read' : 'landed', {
            detail: `${model}.${method}`,
            durationMs: Date.now() - started,
          });
        }
        send('answer', { ...msg, payload: answer });
      },
    };
  },
});

function windowOf(answer: unknown): string | undefined {
  const { type, name, res_model: model } = (answer ?? {}) as Record<string, unknown>;
  return typeof type === 'string' && type.startsWith('ir.actions.')
    ? String(name ?? model ?? type)
    : undefined;
}
