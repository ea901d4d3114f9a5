/** A consumer written by hand: 64 at a time, one of the mappings inline, a confirmed publish, then the acknowledgement. */
import { connect } from 'amqplib';
import { mappings } from './map.ts';
import { publish } from './stage.ts';

const {
  AMQP_URL: amqp = '',
  FLOOR_FROM: from = '',
  FLOOR_TO: to = '',
  FLOOR_MAPPING: how = '',
} = process.env;
const map = mappings[how]!();
const consuming = await (await connect(amqp, { noDelay: true })).createChannel();
const publishing = await (await connect(amqp, { noDelay: true })).createConfirmChannel();
await consuming.prefetch(64);
await consuming.consume(from, (message) => {
  if (!message) return;
  void work(message.content).then(() => consuming.ack(message));
});

async function work(content: Buffer): Promise<void> {
  const mapped = map(JSON.parse(content.toString('utf8')));
  // What is there at once is not waited for.
  const order = mapped instanceof Promise ? await mapped : mapped;
  await publish(publishing, to, Buffer.from(JSON.stringify(order)));
}

process.stdout.write(`listens at ${from}\n`);
process.once('SIGTERM', () => process.exit(0));
