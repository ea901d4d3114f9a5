/** The commands about who may use this hub, and about its secrets. */
import type { Command } from './command.ts';

export const accessCommands: Record<string, Command> = {
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
};
