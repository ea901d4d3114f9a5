/** Flow node: calls a partner's HTTP API and takes nothing but success for success. */
import { Type } from 'typebox';
import { CodedError } from '../../runtime/errors/coded-error.ts';
import { note } from '../../runtime/hub/deliveries.ts';
import type { Partner } from '../../runtime/http/partner.ts';
import { compileMapping } from '../../runtime/map/mapping.ts';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import { asUncertain } from '../../runtime/recovery/as-uncertain.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;
/** Codes after which it is not known whether the partner did the work. */
const unknown = ['PARTNER_TIMEOUT', 'PARTNER_ANSWER_LOST', 'PARTNER_FAILED'] as const;

export default defineNode({
  type: 'http-call',
  use: 'out',
  summary: "Calls a partner's HTTP API.",
  help: `Sends \`msg.payload\`, or what **Body** makes of it, as JSON; a text or bytes go as they are; GET and DELETE send none.
A GET counts as reading: by itself it is nothing done. The answer is in \`msg.answer\`: {status, body}; \`msg.payload\` stays.

Only a status 2xx is success. A partner that is away, refuses the key or is busy is waited for; what it refuses becomes
an exception with the partner's own sentence, **PARTNER_REFUSED**.

Each try of the same work has the same header \`Idempotency-Key\`. After a lost answer the partner may have done the
work, and a retry does it again. **Repeat** says whether that is harmless. Where it is not, such a failure is not tried
again: it waits for a person, **PARTNER_UNCERTAIN**.`,
  icon: 'fa-paper-plane',
  color: '#F3D2B3',
  labelFrom: 'method',
  config: Type.Object({
    connection: Type.String({
      title: 'Connection',
      description: 'Which API, and its key.',
      configNode: 'http-connection',
    }),
    method: choice(methods, { title: 'Method', description: 'The HTTP method.', default: 'POST' }),
    path: Type.String({
      title: 'Path',
      description: 'JSONata on payload and event that gives a text: below the address, with its query.',
      format: 'jsonata',
      minLength: 1,
      placeholder: "'/orders/' & $encodeUrlComponent(payload.id)",
    }),
    body: Type.String({
      when: { method: ['POST', 'PUT', 'PATCH'] },
      title: 'Body',
      description: 'JSONata on payload and event that gives what is sent. Empty: the payload.',
      format: 'jsonata',
      default: '',
    }),
    contentType: Type.String({
      when: { method: ['POST', 'PUT', 'PATCH'] },
      title: 'Content type',
      description: 'Of what is sent. Empty: JSON, or plain text for a text.',
      default: '',
      placeholder: 'application/edi-x12',
    }),
    refused: Type.String({
      title: 'Refused',
      description:
        'JSONata on the answer, {status, body}: a text when the partner says no in a 200, as GraphQL does.',
      format: 'jsonata',
      default: '',
      placeholder: "$join(body.errors.message, '; ')",
    }),
    repeat: Type.Boolean({
      title: 'Repeat',
      description: 'The same call again does no harm: it sets what it sets, or the partner knows the key.',
      default: false,
    }),
  }),
  inputs: 1,
  writes: "what the partner's API writes",
  outputs: [{ name: 'answered', description: 'answer is {status, body}; payload as it came.' }],
  start({ config, hub, flowContext, use, delivery: deliveryOf, send }) {
    const partner = use<Partner>(config.connection, 'Connection');
    const pathOf = compileMapping({ dir: hub.definitionsDir, inline: config.path });
    const bodyOf = config.body ? compileMapping({ dir: hub.definitionsDir, inline: config.body }) : undefined;
    const refusedOf = config.refused
      ? compileMapping({ dir: hub.definitionsDir, inline: config.refused })
      : undefined;
    const sends = !['GET', 'DELETE'].includes(config.method);
    const repeat = config.repeat || config.method === 'GET';
    return {
      async input(msg) {
        const { payload, event } = msg;
        const path = await pathOf.run({ payload, event });
        if (typeof path !== 'string' || !path.startsWith('/'))
          throw new CodedError('KEY_MISSING', 'The path expression gives no text that starts with /', {
            setting: 'path',
          });
        const started = Date.now();
        const work = String(event?.['replayof'] ?? event?.['id'] ?? msg._msgid);
        const answer = await partner
          .call({
            method: config.method,
            path,
            contentType: config.contentType,
            // A header takes no letters beyond ASCII; the name of a step may have them.
            key: `${work}/${encodeURIComponent(flowContext.step)}`,
            ...(sends && { body: bodyOf ? await bodyOf.run({ payload, event }) : payload }),
          })
          .catch((error: unknown) => {
            throw repeat
              ? error
              : asUncertain(error, unknown, 'PARTNER_UNCERTAIN', 'It is not known whether it was done');
          });
        const refused = await refusedOf?.run(answer);
        if (typeof refused === 'string' && refused !== '')
          throw new CodedError(
            'PARTNER_REFUSED',
            `${config.method} ${path.split('?')[0]}: ${refused.slice(0, 500)}`,
            {
              status: answer.status,
            },
          );
        const delivery = deliveryOf(msg);
        if (delivery) {
          const detail = `${config.method} ${path.split('?')[0]}`;
          note(delivery, flowContext, config.method === 'GET' ? 'read' : 'landed', {
            detail,
            durationMs: Date.now() - started,
          });
        }
        send('answered', { ...msg, answer });
      },
    };
  },
});
