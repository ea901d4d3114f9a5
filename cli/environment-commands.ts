/** The commands about environments: what is sent there and runs there, who may use a hub, its secrets, and its user in Odoo. */
import type { Command } from './command.ts';

export const environmentCommands: Record<string, Command> = {
  promote: {
    help: [['promote V --to ENV', 'sends a release there; [--by --break-glass "reason" --json]']],
    run: async (args) => (await import('./promote.ts')).promote(args),
  },
  rollback: {
    help: [['rollback --to ENV', 'takes the release before back into use there; [--version V --by --json]']],
    run: async (args) => (await import('./promote.ts')).rollback(args),
  },
  approve: {
    help: [
      [
        'approve --to ENV',
        'what waits there, as --by NAME with the password of CROSSDOCK_PASSWORD; [ID --json]',
      ],
    ],
    run: async (args) => (await import('./promote.ts')).approve(args),
  },
  status: {
    help: [
      [
        'status ENV',
        'what runs there, its drift from the release, what waits; ends with 1 when there is drift',
      ],
    ],
    run: async (args) => (await import('./promote.ts')).status(args),
  },
  token: {
    help: [
      [
        'token NAME',
        'makes a token for this hub and shows it once; [--scope metrics|read|cut|promote] [--for USER]',
      ],
      ['token list', 'what each may, until when, and when it was used last; [--json]'],
      [
        'token rotate NAME',
        'another token in its place; the one before goes on for a day, or --overlap HOURS',
      ],
      ['token end NAME', 'is worth nothing from now on'],
    ],
    run: async (args) => (await import('./access.ts')).token(args),
  },
  user: {
    help: [
      ['user [list]', 'who may log in at this hub; [--json]'],
      [
        'user add NAME',
        'a login, with the password of CROSSDOCK_PASSWORD; [--role R] [--team T], once for each',
      ],
      ['user role NAME', 'another role, or other teams; their logins end; --role R, --team T'],
      ['user password NAME', 'another password, that of CROSSDOCK_PASSWORD; their logins end'],
      ['user disable NAME', 'lets them in no more, at once; user enable NAME'],
      ['user sessions [NAME]', 'which logins are open, from where, and when each was used last; [--json]'],
      ['user end NAME', 'ends their logins at once, or the one of [--session ID]'],
    ],
    run: async (args) => (await import('./access.ts')).user(args),
  },
  secrets: {
    help: [
      [
        'secrets [list]',
        'where each secret comes from, how old it is and when it ends; names only; [--json]',
      ],
      ['secrets reload', 'the hub that runs here reads its secrets again, and tells which changed'],
      [
        'secrets rotate NAME',
        'a new secret for the webhooks of a partner, or a new signing-key: both hold for --overlap 24h;',
        '--take: the new one is read from standard input; else it is made, and shown once',
      ],
      [
        'secrets renew odoo',
        'the next API key, where Odoo lets the hub make it; else the steps to it;',
        '--take: reads the new one from standard input, and checks it first',
      ],
    ],
    run: async (args) => (await import('./secrets.ts')).secrets(args),
  },
  odoo: {
    help: [
      [
        'odoo user',
        'makes the user of the hub in Odoo with the rights it needs and no other, as the administrator of',
        'ODOO_ADMIN_LOGIN and ODOO_ADMIN_KEY; says how its API key is made; [--login NAME --json]',
      ],
    ],
    run: async (args) => (await import('./odoo.ts')).odoo(args),
  },
};
