/** The whole hub in this process, which tells where it listens and each of its routes, also those nobody lists: `whole.ts`. */
import { createRequire } from 'node:module';
import express from 'express';

interface Layer {
  name: string;
  regexp: RegExp & { fast_slash?: boolean };
  route?: { path: string | RegExp; methods: Record<string, boolean> };
  handle: { stack?: Layer[] };
}

interface App {
  path(): string;
  _router?: { stack: Layer[] };
}

const apps = new Set<App>();

/** Of each copy of Express that is here, before anything is made with it. */
const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
const inside = ['editor-api', 'editor-client', 'runtime', 'nodes', 'util'].map((part) =>
  createRequire(nodeRed.resolve(`@node-red/${part}/package.json`)),
);
for (const copy of new Set([
  express,
  ...[nodeRed, ...inside].map((from) => from('express')),
] as (typeof express)[])) {
  const { application } = copy as unknown as { application: { lazyrouter(this: App): void } };
  const { lazyrouter } = application;
  application.lazyrouter = function (this: App) {
    apps.add(this);
    return lazyrouter.call(this);
  };
}

function routesOf(at: string, stack: readonly Layer[]): { method: string; path: string }[] {
  return stack.flatMap(({ name, regexp, route, handle }) => {
    if (route)
      return [route.path].flat().flatMap((path) =>
        Object.keys(route.methods)
          .filter((method) => route.methods[method])
          .map((method) => ({
            method: method === '_all' ? 'POST' : method.toUpperCase(),
            path: at + (typeof path === 'string' ? path : written(path)),
          })),
      );
    if (name !== 'router' || !handle.stack) return [];
    return routesOf(at + (regexp.fast_slash ? '' : written(regexp)), handle.stack);
  });
}

/** A path that the expression of Express takes. */
function written({ source }: RegExp): string {
  let path = source
    .replace(/^\^/, '')
    .replace(/\\\/\?\(\?=\\\/\|\$\)$|\$$/, '')
    .replaceAll(/\[[^\]]*\]/g, 'x');
  while (path.includes('(')) path = path.replaceAll(/\([^()]*\)/g, 'x');
  return path.replaceAll(/\\|[?*+.]/g, '');
}

const { startHub } = await import('../../cli/start.ts');
const hub = await startHub();
const routes = [...apps]
  .flatMap((app) => routesOf(app.path(), app._router?.stack ?? []))
  .map(({ method, path }) => ({
    method,
    path: path
      .replaceAll(/:(\w+)\((\w+)[^)]*\)/g, '$2')
      .replaceAll('*', 'x')
      .replaceAll(/\/{2,}/g, '/'),
  }));
process.stdout.write(`listening on ${hub.url}\nroutes ${JSON.stringify(routes)}\n`);
process.once('SIGTERM', () => void hub.stop().then(() => process.exit(0)));
