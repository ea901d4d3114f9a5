/** A consumer written by hand: 64 at a time, the mapping inline, a confirmed publish, then the acknowledgement. */
import { connect } from 'amqplib';
import { map } from './map.ts';
import { publish } from './stage.ts';

const { AMQP_URL: amqp = '', FLOOR_FROM: from = '', FLOOR_TO: to = '' } = process.env;
const consuming = await (await connect(amqp, { noDelay: true })).createChannel();
const publishing = await (await connect(amqp, { noDelay: true })).createConfirmChannel();
await consuming.prefetch(64);
await consuming.consume(from, (message) => {
  if (!message) return;
  void map(JSON.parse(message.content.toString('utf8')))
    .then((order) => publish(publishing, to, Buffer.from(JSON.stringify(order))))
    .then(() => consuming.ack(message));
});
process.stdout.write(`listens at ${from}\n`);
process.once('SIGTERM', () => process.exit(0));
