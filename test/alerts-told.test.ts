/** What is told of a cause, when and to whom: one notice however much it holds up, always one when it is over. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cause } from '../runtime/alerts/causes.ts';
import { decide, type Alert } from '../runtime/alerts/decide.ts';
import { loadAlerting } from '../runtime/alerts/file.ts';
import { verdictOf } from '../runtime/alerts/send.ts';
import { loadCalendars } from '../runtime/calendar/calendar.ts';
import { lintAlerts } from '../runtime/lint/alerts.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = Date.parse('2026-03-10T12:00:00.000Z');
const at = (ms: number) => new Date(start + ms);

const outage: Cause = { id: 'outage/ODOO_UNREACHABLE', what: 'Odoo is away.', team: 'it', tier: 'standard' };
const queue: Cause = { id: 'queue/q', what: 'Old.', team: 'it', tier: 'critical', under: [outage.id] };

/** What is told, look by look: minutes since the start, and what is wrong then. */
function told(looks: [minutes: number, causes: Cause[]][], isQuiet = (_at: Date) => false): string[] {
  let alerts: Alert[] = [];
  return looks.flatMap(([minutes, causes]) => {
    const now = at(minutes * MINUTE);
    const found = decide(alerts, causes, { repeatMs: 4 * HOUR, isQuiet: () => isQuiet(now) }, now);
    alerts = found.alerts;
    return found.notices.map(({ is, id }) => `${minutes} ${is} ${id.split('/').slice(0, 2).join('/')}`);
  });
}

describe('what is told of a cause', () => {
  it('a secret that ends is told once, however long nobody renews it', () => {
    const ends: Cause = {
      id: 'secret/A_KEY/2026-03-20',
      what: 'Ends.',
      team: 'it',
      tier: 'standard',
      once: true,
    };
    const looks: [number, Cause[]][] = [0, 241, 9000, 20_000].map((minutes) => [minutes, [ends]]);
    assert.deepEqual(told([...looks, [20_001, []], [20_004, []]]), [
      '0 raised secret/A_KEY',
      '20004 resolved secret/A_KEY',
    ]);
  });

  it('is told once, again after four hours, and when it is over', () => {
    const looks: [number, Cause[]][] = [
      [0, [outage]],
      [1, [outage]],
      [239, [outage]],
      [241, [outage]],
      [242, []],
      [243, []],
      [245, []],
      [246, []],
    ];
    assert.deepEqual(told(looks), [
      '0 raised outage/ODOO_UNREACHABLE',
      '241 repeated outage/ODOO_UNREACHABLE',
      '245 resolved outage/ODOO_UNREACHABLE',
    ]);
  });

  it('is one where it comes and goes', () => {
    assert.deepEqual(
      told([
        [0, [outage]],
        [1, []],
        [2, [outage]],
        [3, []],
        [4, [outage]],
      ]),
      ['0 raised outage/ODOO_UNREACHABLE'],
    );
  });

  it('is not told where another one explains it, and is where it long outlasts that', () => {
    const looks: [number, Cause[]][] = [
      [0, [outage, queue]],
      [10, [outage, queue]],
      [11, [queue]],
      [14, [queue]],
      [26, [queue]],
      [27, []],
      [30, []],
    ];
    assert.deepEqual(told(looks), [
      '0 raised outage/ODOO_UNREACHABLE',
      '14 resolved outage/ODOO_UNREACHABLE',
      '26 raised queue/q',
      '30 resolved queue/q',
    ]);
    assert.deepEqual(
      told([
        [0, [outage, queue]],
        [1, []],
        [4, []],
      ]).filter((one) => one.includes('queue')),
      [],
    );
  });

  it('waits for the end of quiet hours, unless it is critical; that it is over never waits', () => {
    const quiet = (now: Date) => now < at(60 * MINUTE);
    assert.deepEqual(
      told(
        [
          [0, [outage]],
          [59, [outage]],
          [61, [outage]],
        ],
        quiet,
      ),
      ['61 raised outage/ODOO_UNREACHABLE'],
    );
    assert.deepEqual(
      told(
        [
          [0, [outage]],
          [1, []],
          [4, []],
        ],
        quiet,
      ),
      [],
    );
    const critical = { ...outage, tier: 'critical' as const };
    assert.deepEqual(
      told(
        [
          [0, [critical]],
          [1, []],
          [4, []],
        ],
        quiet,
      ),
      ['0 raised outage/ODOO_UNREACHABLE', '4 resolved outage/ODOO_UNREACHABLE'],
    );
  });

  it('is tried for a day', () => {
    const one = { id: 'a', is: 'test' as const, what: '', at: at(0).toISOString() };
    assert.deepEqual(verdictOf(one, 1, at(0)), { do: 'again', afterMs: 30_000 });
    assert.deepEqual(verdictOf(one, 30, at(HOUR)), { do: 'again', afterMs: 900_000 });
    assert.equal(verdictOf(one, 90, at(25 * HOUR)), 'given up');
  });
});

describe('the file of alerts', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'crossdock-alerts-'))));
  afterEach(() => rmSync(dir, { recursive: true }));
  const load = (text: string) => {
    writeFileSync(join(dir, 'alerts.yaml'), text);
    return loadAlerting(dir)!;
  };
  const whole = `repeat: 4h\nchannels: { a: { kind: slack, url: '\${A_URL}' } }\ndefault: [a]\nteams: {}\n`;

  it('holds no address and no secret, and names channels that there are', () => {
    assert.equal(loadAlerting('definitions')!.channels.size, 0);
    assert.deepEqual(lintAlerts('definitions'), []);
    assert.deepEqual(load(whole).channelsOf('finance'), ['a']);
    assert.throws(() => load(whole.replace('${A_URL}', 'https://hooks.example.com/a')), {
      code: 'CONFIG_INVALID',
      message: /alerts\.yaml:2/,
    });
    assert.throws(() => load(whole.replace('[a]', '[b]')), { code: 'CONFIG_INVALID', message: /channel b/ });
  });

  it('knows quiet hours over midnight, and days on which nobody works', () => {
    const quiet = `teams:\n  it: { channels: [a], quiet: { from: '20:00', until: '07:00', calendar: standard } }\n`;
    const alerting = load(whole.replace('teams: {}\n', quiet));
    const calendars = loadCalendars('definitions');
    // Los Angeles; the 14th is a Saturday.
    const is = (time: string, team = 'it') => alerting.isQuiet(team, calendars, new Date(time));
    assert.deepEqual(
      [
        '2026-03-10T20:00Z',
        '2026-03-11T04:00Z',
        '2026-03-11T13:59Z',
        '2026-03-11T14:00Z',
        '2026-03-14T20:00Z',
      ].map((time) => is(time)),
      [false, true, true, false, true],
    );
    assert.equal(is('2026-03-11T04:00Z', 'finance'), false);
    assert.deepEqual(
      lintAlerts(dir).map(({ code, node }) => [code, node]),
      [['ALERT_UNKNOWN', 'it']],
    );
  });
});
