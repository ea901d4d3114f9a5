/** The whole hub in this process, which tells where it listens and each of its routes, also those nobody lists: `whole.ts`. */
import { addressOf } from '../access/addresses.ts';
import { rootOf, routesOf, watchHub } from '../access/walk.ts';

watchHub();
const { startHub } = await import('../../runtime/app/start.ts');
const hub = await startHub();
const routes = routesOf(rootOf()).map(({ method, path }) => ({
  // What takes any method changes something by POST.
  method: method === '_ALL' || method === 'ALL' ? 'POST' : method,
  path: path.includes(':') && !path.includes('^') && !path.includes('(') ? path : addressOf(path),
}));
process.stdout.write(`listening on ${hub.url}\nroutes ${JSON.stringify(routes)}\n`);
process.once('SIGTERM', () => void hub.stop().then(() => process.exit(0)));
