/** Calendars and business days: weekends, holidays, time zones, and days of 23 and 25 hours. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { businessDays, businessDaysBefore, dayOf, isWorkday } from '../runtime/calendar/business-days.ts';
import { calendarNamed, calendarsFor, loadCalendars, type Calendar } from '../runtime/calendar/calendar.ts';
import type { CodedError } from '../runtime/errors/coded-error.ts';
import { coded } from './conformance/kit.ts';

const berlin: Calendar = {
  calendar: 'berlin',
  summary: 'Test',
  timezone: 'Europe/Berlin',
  workdays: ['mon', 'tue', 'wed', 'thu', 'fri'],
  holidays: { '2026-12-25': 'Christmas Day' },
};
const at = (text: string) => new Date(text);
const between = (from: string, to: string, calendar = berlin) => businessDays(calendar, at(from), at(to));

describe('business days', () => {
  it('count working days, and parts of them', () => {
    assert.equal(between('2026-11-24T12:00+01:00', '2026-11-25T12:00+01:00'), 1);
    assert.equal(between('2026-11-24T12:00+01:00', '2026-11-24T18:00+01:00'), 0.25);
    assert.equal(between('2026-11-23T00:00+01:00', '2026-11-28T00:00+01:00'), 5);
  });

  it('are none before the planned time', () => {
    assert.equal(between('2026-11-25T12:00Z', '2026-11-24T12:00Z'), 0);
    assert.equal(between('2026-11-25T12:00Z', '2026-11-25T12:00Z'), 0);
  });

  it('leave weekends out', () => {
    assert.equal(between('2026-11-27T12:00+01:00', '2026-11-30T12:00+01:00'), 1);
    assert.equal(between('2026-11-28T09:00+01:00', '2026-11-29T21:00+01:00'), 0);
  });

  it('leave holidays out, and know other weeks', () => {
    assert.equal(between('2026-12-24T00:00+01:00', '2026-12-28T00:00+01:00'), 1);
    const cairo: Calendar = {
      ...berlin,
      timezone: 'Africa/Cairo',
      workdays: ['sun', 'mon', 'tue', 'wed', 'thu'],
    };
    assert.equal(between('2026-11-27T00:00+02:00', '2026-11-30T00:00+02:00', cairo), 1);
  });

  it('are days of the calendar, not of UTC', () => {
    const tokyo: Calendar = { ...berlin, timezone: 'Asia/Tokyo' };
    assert.equal(dayOf(tokyo, at('2026-11-29T16:00Z')), '2026-11-30');
    assert.equal(dayOf(berlin, at('2026-11-29T16:00Z')), '2026-11-29');
    // Monday in Tokyo, Sunday in Berlin.
    assert.equal(between('2026-11-29T15:00Z', '2026-11-29T21:00Z', tokyo), 0.25);
    assert.equal(between('2026-11-29T15:00Z', '2026-11-29T21:00Z'), 0);
  });

  it('count a day of 23 or 25 hours as one', () => {
    const always: Calendar = { ...berlin, workdays: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] };
    assert.equal(between('2026-03-29T00:00+01:00', '2026-03-30T00:00+02:00', always), 1);
    assert.equal(between('2026-10-25T00:00+02:00', '2026-10-26T00:00+01:00', always), 1);
    assert.equal(between('2026-10-25T00:00+02:00', '2026-10-25T02:30+01:00', always), 3.5 / 25);
  });

  it('begin where there is no midnight', () => {
    const cairo: Calendar = { ...berlin, timezone: 'Africa/Cairo', workdays: ['fri'] };
    // 2026-04-24, a Friday, begins at one o'clock: it has 23 hours.
    assert.equal(between('2026-04-23T00:00+02:00', '2026-04-25T00:00+03:00', cairo), 1);
    assert.equal(between('2026-04-23T22:00Z', '2026-04-24T09:30Z', cairo), 0.5);
  });

  it('are counted back to where they began', () => {
    const back = (to: string, days: number) => businessDaysBefore(berlin, at(to), days).toISOString();
    assert.equal(back('2026-11-30T12:00+01:00', 1), '2026-11-27T11:00:00.000Z');
    assert.equal(back('2026-12-28T12:00+01:00', 1), '2026-12-24T11:00:00.000Z');
    assert.equal(back('2026-11-29T12:00+01:00', 3), '2026-11-24T23:00:00.000Z');
  });

  it('the same there and back, at any time in any zone', () => {
    const zones = fc.constantFrom(
      'UTC',
      'Europe/Berlin',
      'America/Los_Angeles',
      'Africa/Cairo',
      'Pacific/Kiritimati',
    );
    const times = fc.date({
      min: at('2026-01-01T00:00Z'),
      max: at('2028-01-01T00:00Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(zones, times, fc.double({ min: 0, max: 30, noNaN: true }), (timezone, to, days) => {
        const calendar = { ...berlin, timezone };
        const from = businessDaysBefore(calendar, to, days);
        assert.ok(Math.abs(businessDays(calendar, from, to) - days) < 1e-6);
      }),
      { numRuns: 200 },
    );
  });
});

describe('calendars', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'crossdock-calendars-'));
    mkdirSync(join(dir, 'calendars'));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const file = (text: string, name = 'depot') => writeFileSync(join(dir, 'calendars', `${name}.yaml`), text);
  const depot = (more: string) =>
    `calendar: depot\nsummary: The depot\ntimezone: Europe/Berlin\nworkdays: [mon, sat]\n${more}`;
  const refused = (text: string, told: RegExp, name?: string) => {
    file(text, name);
    assert.throws(
      () => loadCalendars(dir),
      (error: CodedError) => error.code === 'CONFIG_INVALID' && told.test(error.message),
    );
  };

  it('are read by name, beside the standard one', () => {
    file(depot(`holidays:\n  2026-12-25: Christmas Day\n`));
    const calendars = loadCalendars(dir);
    assert.deepEqual([...calendars.keys()], ['standard', 'depot']);
    const found = calendarNamed(calendars, 'depot');
    assert.deepEqual(
      ['2026-11-28', '2026-11-29', '2026-11-30'].map((day) => isWorkday(found, day)),
      [true, false, true],
    );
  });

  it('of the project hold', () => {
    const standard = calendarNamed(loadCalendars('definitions'));
    assert.equal(standard.timezone, 'America/Los_Angeles');
    assert.equal(isWorkday(standard, '2026-11-26'), false);
  });

  it('that cannot be are refused, by file', () => {
    refused(depot(''), /both names must be the same/, 'another');
    rmSync(join(dir, 'calendars', 'another.yaml'));
    refused(depot(`holidays:\n  2026-02-30: Never\n`), /depot\.yaml.*2026-02-30 is no day/);
    refused(
      depot('').replace('Europe/Berlin', 'Europe/Nowhere'),
      /depot\.yaml.*Europe\/Nowhere is no time zone/,
    );
    refused(depot('').replace('[mon, sat]', '[]'), /depot\.yaml:4: workdays/);
    refused(depot('').replace('[mon, sat]', '[monday]'), /depot\.yaml:4: workdays\/0/);
  });

  it('that a process names have to be there', () => {
    file(depot(''));
    const processes = (calendar: string) => new Map([['sales', { calendar }]]);
    assert.equal(calendarsFor(dir, processes('depot')).size, 2);
    assert.throws(() => calendarsFor(dir, processes('night')), coded('CONFIG_INVALID'));
  });

  it('that no file defines are named with those there are', () => {
    assert.throws(
      () => calendarNamed(loadCalendars(dir), 'depot', 'The process sales'),
      /The process sales .*depot.* standard/,
    );
  });
});
