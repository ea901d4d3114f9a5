/** Config node: a partner's HTTP API, and the key the hub uses there. */
import { Type } from 'typebox';
import { choice, defineNode } from '../../runtime/node-red/define-node.ts';
import { authentications, openPartner } from '../../runtime/http/partner.ts';

export default defineNode({
  type: 'http-connection',
  kind: 'config',
  summary: "A partner's HTTP API and the key the hub uses there.",
  help: `Address and key come from the environment. Redirects are not followed: they would carry the key elsewhere.

OAuth: a refresh token that the partner gives in place of the last is kept in the hub's store, encrypted by the client
secret.`,
  icon: 'fa-plug',
  color: '#F3D2B3',
  config: Type.Object({
    url: Type.String({
      refers: 'variable',
      title: 'Address',
      description: 'With the part of the path that all calls share.',
      placeholder: '${SHOP_API_URL}',
      minLength: 1,
    }),
    authentication: choice(authentications, {
      title: 'Authentication',
      description: 'How the key goes along.',
      default: 'bearer',
    }),
    secret: Type.String({
      when: { authentication: ['bearer', 'basic', 'header', 'oauth2'] },
      title: 'Key',
      description:
        'Name of the environment variable that holds it. Basic: user:password. OAuth: client id:client secret, and :refresh token where there is one; as JSON {client_id, client_secret, refresh_token} where one of them holds a colon.',
      secret: true,
      default: '',
    }),
    header: Type.String({
      when: { authentication: ['header', 'oauth2'] },
      title: 'Header',
      description:
        'Of the authentication header: its name. OAuth: the header for the token alone; empty: Authorization.',
      default: '',
      placeholder: 'X-Api-Key',
    }),
    tokenUrl: Type.String({
      refers: 'variable',
      when: { authentication: ['oauth2'] },
      title: 'Token address',
      description: 'OAuth: where access tokens are given out.',
      default: '',
      placeholder: 'https://api.amazon.com/auth/o2/token',
    }),
    timeout: Type.Integer({
      title: 'Time limit',
      description: 'For one call.',
      default: 30,
      minimum: 1,
      maximum: 600,
      unit: 'seconds',
    }),
  }),
  inputs: 0,
  outputs: [],
  start({ config: { timeout, ...config }, hub, flowContext, secret }) {
    const { documents } = hub.journal;
    const told = hub.figures.calls(flowContext.step);
    return {
      api: openPartner({ ...config, secret: secret('secret'), documents, timeoutMs: timeout * 1000, told }),
    };
  },
});
