/** What `crossdock COMMAND --help` says beyond the line of the command: its options, one a line, and examples. */
import type { Manual } from './command.ts';
import { by, filters, json, pages } from './help.ts';

export const manual: Record<string, Manual> = {
  init: {
    options: { '--with NAMES': 'takes these from the catalogue, with commas between' },
    examples: [
      ['crossdock init my-hub --with shopify,woocommerce', 'a hub of your own in the folder my-hub'],
    ],
  },
  add: {
    examples: [
      ['crossdock add', 'what the catalogue has'],
      ['crossdock add stripe', 'takes it into this hub'],
    ],
  },
  upgrade: {
    options: { '--dry-run': 'only tells what would change' },
    examples: [['crossdock upgrade --dry-run', 'what changed in the catalogue since you took it']],
  },
  backup: {
    examples: [['crossdock backup hub.tar', 'all of this hub, also while it runs']],
  },
  restore: {
    options: { '--replace': 'what stands there now goes' },
    examples: [['crossdock restore hub.tar', 'into an empty store']],
  },
  start: {
    examples: [
      ['crossdock start', 'the hub, with what the environment and .env say'],
      ['CROSSDOCK_PORT=8080 crossdock start', 'at another port'],
    ],
  },
  work: {
    examples: [['CROSSDOCK_PROFILE=cluster CROSSDOCK_DATA=/var/lib/crossdock/1 crossdock work', 'a worker']],
  },
  demo: {
    options: {
      ...json,
      '--exit': 'ends when all is told, and leaves no hub open',
      '--fresh': 'forgets flows, definitions and orders of the demo before',
      '--yes': 'may write into the real Odoo that it found, without asking',
    },
    examples: [['crossdock demo', 'the demo, with its editor left open']],
  },
  trace: {
    options: json,
    examples: [
      ['crossdock trace 1001', 'what became of order 1001'],
      ['crossdock trace 0f5c…', 'the same by the id that a webhook was answered with'],
    ],
  },
  dead: {
    words: ['list', 'show', 'replay', 'discard'],
    options: {
      ...filters,
      '--state STATE': 'list: open, replayed or discarded; default open',
      '--all': 'list: one by one, not counted by flow and reason',
      ...pages,
      '--data': 'show: only the data of the message, as JSON',
      '--edit FILE': 'replay: sends this data instead',
      '--per-second N': 'replay: no faster than this; default 20',
      '--reason TEXT': 'discard: why it is given up',
      ...by,
      ...json,
    },
    examples: [
      ['crossdock dead', 'what waits, by flow and reason'],
      ['crossdock dead --flow order-to-odoo --since 2h', 'one by one, of one flow'],
      ['crossdock dead replay --code SKU_UNKNOWN', 'all with this code again, now that the product is there'],
      ['crossdock dead discard ID --reason "a test order"', 'gives one up'],
    ],
  },
  replay: {
    words: ['list', 'plan', 'show', 'run', 'approve', 'pause', 'resume', 'cancel'],
    options: {
      ...filters,
      '--issue ID': 'plan: all of this issue',
      '--per-second N': 'plan: no faster than this; default 20',
      '--verdict V': 'show: only what was judged so',
      '--state S': 'show: only what stands so',
      '--include VERDICT…': 'run: sends these too, not only what is safe',
      ...pages,
      ...by,
      ...json,
    },
    examples: [
      ['crossdock replay plan --code SKU_UNKNOWN', 'judges them; sends nothing'],
      ['crossdock replay run ID', 'sends what is safe, slowly at first'],
    ],
  },
  issues: {
    words: ['list', 'show', 'acknowledge', 'assign', 'wait', 'mute', 'resume', 'note'],
    options: {
      '--team T': 'list: only of this team; assign: to it',
      '--person NAME': 'list: only of this person; assign: to them',
      '--state STATE': 'list: only in this state',
      '--flow NAME': 'list: only of this flow',
      '--code CODE': 'list: only with this error code',
      '--partner NAME': 'list: only of this partner',
      '--after PLACE': 'list: goes on where the list before ended',
      '--on WHAT': 'wait: what it waits for',
      '--until TIME': 'wait, mute: until then',
      '--reason TEXT': 'mute: why',
      '--note TEXT': 'note: what is noted',
      ...by,
      ...json,
    },
    examples: [
      ['crossdock issues --team finance', 'what waits for the team'],
      ['crossdock issues assign ID --person wanda', 'gives one to a person'],
      ['crossdock issues wait ID --on "the supplier" --until 2d', 'puts one aside'],
    ],
  },
  secrets: {
    words: ['list', 'reload', 'rotate', 'renew'],
    options: {
      '--overlap TIME':
        'rotate, renew: how long the old one holds beside the new one: 30m, 24h, 7d; default 24h',
      '--take': 'rotate, renew: reads the new one from standard input',
      ...by,
      ...json,
    },
    examples: [
      ['crossdock secrets', 'which there are, how old, and which ends soon'],
      [
        'crossdock secrets rotate shopify --overlap 2d',
        'makes a new one; give it to the sender within two days',
      ],
      ['crossdock secrets rotate shopify --take < new-secret', 'takes the one that the sender made'],
      ['crossdock secrets renew odoo', 'the next API key of Odoo'],
    ],
  },
  alerts: {
    words: ['list', 'test'],
    options: { '--channel NAME': 'test: only this one', ...json },
    examples: [['crossdock alerts test', 'whether each channel takes a notice']],
  },
  figures: {
    options: { '--days N': 'over 7, 30 or 90 days; 30 unless said', ...json },
    examples: [
      ['crossdock figures', 'each figure with its formula and objective'],
      ['crossdock figures --days 7 --json', 'the same for programs, by partner, warehouse and release'],
    ],
  },
  interfaces: {
    words: ['list', 'show', 'propose', 'approve'],
    options: {
      '--kind KIND': 'list: webhook, event, edi, api or file',
      '--state STATE': 'list: proposed, approved, live, deprecated, retired, or unlisted: without an entry',
      '--owner TEAM': 'list: only those of this team',
      '--by NAME': 'approve: who approves; default: who is logged in on this machine',
      ...json,
    },
    examples: [
      ['crossdock interfaces --state proposed', 'what waits for approval'],
      ['crossdock interfaces show webhook/shopify/orders', 'contract, consumers, edge policy, last use'],
      ['crossdock interfaces approve webhook/acme/orders --by anna', 'writes who approved it, and when'],
    ],
  },
  suspicions: {
    words: ['list', 'useful', 'useless', 'unmute'],
    options: { '--all': 'also those that are over', ...by, ...json },
    examples: [
      ['crossdock suspicions', 'what is unusual now, latest first'],
      ['crossdock suspicions --all --json', 'all that are kept, with their numbers, for programs'],
      ['crossdock suspicions unmute volume acme', 'the detector tells of this partner again'],
    ],
  },
  rerun: {
    options: {
      '--since TIME': 'instead of an id: all that were accepted since, as after a restore',
      ...by,
      ...json,
    },
    examples: [['crossdock rerun 0f5c…', 'the webhook that was answered with this id, once more']],
  },
  process: {
    words: ['list', 'show', 'pause', 'resume', 'release', 'step', 'compensate'],
    options: {
      '--process NAME': 'only of this process',
      '--state STATE': 'list: only in this state',
      '--attention': 'list: only what asks for a person',
      ...pages,
      ...by,
      ...json,
    },
    examples: [
      ['crossdock process --attention', 'what asks for a person'],
      ['crossdock process show 1001', 'where order 1001 stands, step by step'],
    ],
  },
  reconcile: {
    words: ['purchases', 'stock', 'list', 'show', 'verify', 'explain', 'accept'],
    options: {
      '--cut-off TIME': 'what is later does not count; default: the last full minute',
      '--since TIME': 'orders the hub heard of since then; default: 90 days before the cut-off',
      '--partner NAME': 'only orders of this partner; of purchases the supplier',
      '--statement FILE': 'stock: what a warehouse counts, a CSV with sku, lot, quantity, as-of',
      '--warehouse WH': 'stock: whose count it is, where no column says so',
      '--csv': 'the breaks, for a spreadsheet',
      '--out FILE': 'also writes the signed run there',
      '--limit N': 'list: how many at the most; default 1000',
      '--note TEXT': 'explain: why it is so',
      ...by,
      ...json,
    },
    examples: [
      ['crossdock reconcile --cut-off 2026-11-01', 'as of the end of October'],
      ['crossdock reconcile purchases', 'what is received, billed and paid'],
      ['crossdock reconcile stock --statement count.csv --warehouse WH', 'the count of a warehouse'],
      ['crossdock reconcile --csv > breaks.csv', 'what is to be done, for a spreadsheet'],
      ['crossdock reconcile explain 0f5c1a2b3c --note "agreed" --by ida', 'why a break is so'],
      ['crossdock reconcile verify october.json', 'whether a run is as it was signed'],
    ],
  },
  audit: {
    words: ['list', 'verify', 'export', 'checkpoint'],
    options: {
      '--who NAME': 'only what they did',
      '--act ACT': 'only this act: login, letter.discard, release.approve …',
      '--object O': 'only on this: user/wanda, release/1.3.0',
      '--limit N': 'how many at the most; default 1000',
      '--after ROW': 'goes on where the list before ended, which says the row',
      '--checkpoint FILE': 'compares with the checkpoints of this file, one a line',
      '--key FILE': 'a public key they are signed with, also several; default: the keys this hub trusts',
      '--steps': 'also whether the steps of the journal are those that were sealed',
      '--rows FILE': 'verifies what was exported, without the hub',
      '--csv': 'for a spreadsheet, not JSON lines',
      ...json,
    },
    examples: [
      ['crossdock audit --who olga --limit 20', 'what olga did last'],
      ['crossdock audit export > audit.jsonl', 'all rows, for an auditor'],
      [
        'crossdock audit verify --checkpoint checkpoints.jsonl --key hub.pem --rows audit.jsonl',
        'as an auditor does, away from the hub',
      ],
    ],
  },
  prune: {
    options: {
      '--dry-run': 'only tells what would go',
      '--rewrite': 'the file of an older embedded store becomes smaller from then on',
      ...json,
    },
    examples: [['crossdock prune --dry-run', 'what is older than its rule']],
  },
  store: {
    words: ['rekey'],
    options: json,
    examples: [
      ['crossdock store', 'how much is sealed, and by which keys'],
      ['crossdock store rekey', 'all of it with the key that is set now'],
    ],
  },
  erase: {
    options: {
      '--customer C': 'an email address, or the id of a partner: shopify/4711',
      '--dry-run': 'only tells what would be erased',
      '--under-way': 'also what is still worked on',
      ...by,
      ...json,
    },
    examples: [['crossdock erase --customer robin@example.com --dry-run', 'what is known of a customer']],
  },
  lint: {
    options: { '--env NAME': 'as it would run in this environment', ...json },
    examples: [
      ['crossdock lint', 'all flows'],
      ['crossdock lint flows/shopify-intake.yaml --env prod', 'one of them, as in production'],
    ],
  },
  fmt: {
    options: { '--check': 'changes nothing, names what is not in form, and ends with 1 then' },
    examples: [['crossdock fmt', 'all flow files']],
  },
  test: {
    options: {
      '--coverage': 'also which nodes and outputs no test goes through',
      '--given FILE': 'instead one message of this JSON file, through the flow, node by node',
      ...json,
    },
    examples: [
      ['crossdock test', 'the tests of all flows'],
      ['crossdock test shopify-intake', 'of one flow'],
    ],
  },
  diff: {
    options: {
      '--html': 'a page that can be sent',
      '--exit-code': 'ends with 1 where something differs',
      ...json,
    },
    examples: [
      ['crossdock diff', 'since the last release'],
      ['crossdock diff 1.2.0 1.3.0', 'between two releases'],
      ['crossdock diff env:prod working', 'what production does not have yet'],
    ],
  },
  release: {
    words: ['show', 'key', 'trust'],
    options: {
      '--list': 'the releases there are',
      '--note TEXT': 'the first line of what changed',
      ...by,
      ...json,
    },
    examples: [
      ['crossdock release --note "prices with tax"', 'cuts one; its version follows from what changed'],
      ['crossdock release show 1.3.0', 'what is in it'],
    ],
  },
  promote: {
    options: {
      '--to ENV': 'where to',
      '--break-glass REASON': 'goes ahead without the approvals, which are due later',
      ...by,
      ...json,
    },
    examples: [['crossdock promote 1.3.0 --to test', 'sends it there']],
  },
  rollback: {
    options: {
      '--to ENV': 'where',
      '--version V': 'takes this one, not the one before',
      ...by,
      ...json,
    },
    examples: [['crossdock rollback --to prod', 'the release before runs again']],
  },
  approve: {
    options: { '--to ENV': 'where it waits', ...by, ...json },
    examples: [['CROSSDOCK_PASSWORD=… crossdock approve --to prod --by carla', 'agrees to what waits there']],
  },
  status: {
    options: { '--to ENV': 'the same as to say it without', ...json },
    examples: [['crossdock status prod', 'what runs there']],
  },
  token: {
    words: ['list', 'rotate', 'end'],
    options: {
      '--scope SCOPE': 'metrics, read, cut or promote; default promote',
      '--for USER': 'with cut: the author of what it cuts, who may then not approve it',
      '--in ENV': 'the environment where it holds; default that of this hub',
      '--days N': 'until it expires, 1 to 366; default 90',
      '--overlap HOURS': 'with rotate: how long the one before goes on, 0 to 168; default 24',
      ...json,
    },
    examples: [
      ['crossdock token dev-hub', 'a token for the hub that promotes to this one'],
      ['crossdock token prometheus --scope metrics', 'a token that reads /metrics, and nothing else'],
      ['crossdock token rotate dev-hub', 'a new one; the old one goes on for a day'],
      ['crossdock token ci --scope cut --for anna', 'a token that cuts and sends releases for anna'],
    ],
  },
  user: {
    words: ['list', 'add', 'role', 'password', 'disable', 'enable', 'sessions', 'end'],
    options: {
      '--role ROLE…': 'a role of definitions/roles.yaml; once for each, a new one is viewer',
      '--team T…': 'a team that they are in; once for each',
      '--session ID': 'with end: only this one of their logins',
      ...json,
    },
    examples: [
      ['CROSSDOCK_PASSWORD=… crossdock user add wanda --role operations --team warehouse', 'a login'],
      ['crossdock user disable wanda', 'ends her logins, and lets her in no more'],
      ['crossdock user sessions wanda', 'her logins that are open'],
    ],
  },
  odoo: {
    words: ['user'],
    options: { '--login NAME': 'how the user is called; default crossdock', ...json },
    examples: [
      [
        'ODOO_ADMIN_LOGIN=admin ODOO_ADMIN_KEY=… crossdock odoo user',
        'in the Odoo of ODOO_URL and ODOO_DATABASE; the key may be a password',
      ],
    ],
  },
  docs: { examples: [['crossdock docs', 'after a change of nodes, codes or events']] },
  completion: {
    words: ['bash', 'zsh', 'fish'],
    examples: [
      ['source <(crossdock completion bash)', 'in ~/.bashrc'],
      ['source <(crossdock completion zsh)', 'in ~/.zshrc, after compinit'],
      ['crossdock completion fish > ~/.config/fish/completions/crossdock.fish', 'once'],
    ],
  },
};
