/** What settlement costs at each node a message passes: Node-RED with its hooks and without. */
import { median, within, type Bench } from './measure.ts';
import { ask } from './processes.ts';

const hops = 10;
const messages = 6400;

export const settle: Bench = async (rounds) => {
  const found = await ask<Record<'plain' | 'tracked', number[]>>('settle-chain', { hops, messages, rounds });
  const [plain, tracked] = [median(found.plain), median(found.tracked)];
  return [within('settle, a node hop', 'µs', { cost: tracked - plain, tracked, plain }, 15)];
};
