/** The API of the page of one order, what a person decides about it, and the list behind the board. */
import express, { Router } from 'express';
import Type from 'typebox';
import { calendarNamed } from '../../calendar/calendar.ts';
import { CodedError } from '../../errors/coded-error.ts';
import { processEngine } from '../../process/engine/engine.ts';
import { ages } from '../../tower/board/ages.ts';
import { orders } from '../../tower/board/orders.ts';
import { orderMessages, orderPage } from '../../tower/order/order.ts';
import { readingData } from '../audit-read.ts';
import { answering, onlyJson, permitted, reader, userOf } from '../routes.ts';
import type { Tower } from './tower.ts';

const word = Type.String({ minLength: 1, maxLength: 300 });
const readOrder = reader(Type.Object({ process: word, key: word }));
const readAction = reader(
  Type.Object({ action: Type.Enum(['pause', 'step', 'resume']) }, { additionalProperties: false }),
);
const readList = reader(
  Type.Object(
    {
      process: word,
      step: Type.Optional(word),
      // `-`: not known.
      partner: Type.Optional(word),
      warehouse: Type.Optional(word),
      age: Type.Optional(Type.Enum(['late', ...ages])),
      attention: Type.Optional(Type.Enum(['1'])),
      after: Type.Optional(word),
    },
    { additionalProperties: false },
  ),
);

/** Below `/tower/api/orders`. */
export function orderRoutes(tower: Tower): Router {
  const { hub } = tower;
  const router = Router();
  const sources = () => ({
    db: tower.reader.db,
    processes: hub.processes,
    calendars: hub.calendars,
    odooUrl: process.env['ODOO_URL'],
  });
  router.get(
    '/',
    permitted('crossdock.read'),
    answering(hub.log, async ({ query }) => {
      const { after, attention, ...filter } = readList(query);
      const definition = hub.processes.get(filter.process);
      if (!definition) throw new CodedError('PROCESS_UNKNOWN', `There is no process ${filter.process}`);
      const calendar = calendarNamed(hub.calendars, definition.calendar);
      return orders(
        tower.reader.db,
        calendar,
        { ...filter, attention: attention === '1' },
        new Date(),
        after,
      );
    }),
  );
  router.get(
    '/:process/:key',
    permitted('crossdock.read'),
    answering(hub.log, async ({ params }) => {
      const { process, key } = readOrder(params);
      return orderPage(sources(), process, key, new Date());
    }),
  );
  router.post(
    '/:process/:key/actions',
    permitted('crossdock.replay'),
    onlyJson,
    express.json({ limit: '10kb' }),
    answering(hub.log, async (request) => {
      const { process, key } = readOrder(request.params);
      const { action } = readAction(request.body);
      const definition = hub.processes.get(process);
      if (!definition) throw new CodedError('PROCESS_UNKNOWN', `There is no process ${process}`);
      await processEngine({ ...hub, definition }).act(action, key, userOf(request));
      return {};
    }),
  );
  // What customers wrote is for those who may see data.
  router.get(
    '/:process/:key/messages',
    permitted('crossdock.data'),
    readingData,
    answering(hub.log, async ({ params }) => {
      const { process, key } = readOrder(params);
      return { rows: await orderMessages(sources(), process, key) };
    }),
  );
  return router;
}
