/** All routes of an Express 4 application and of what is mounted in it, in the order in which they are asked. */
import { createRequire } from 'node:module';
import type { Application, Request, Response } from 'express';

export interface Found {
  /** `GET`, or `ALL` of what answers whatever the method. */
  method: string;
  /** As it was written; an expression stands as its source. */
  path: string;
  /** Answers with the probe's status instead of doing it. */
  probe(answer: (request: Request, response: Response) => boolean): void;
}

type Handle = ((...given: unknown[]) => unknown) & { stack?: Layer[]; name: string };
interface Layer {
  name: string;
  handle: Handle;
  route?: { path: string | RegExp; stack: Layer[]; methods: Record<string, boolean> };
}
interface Stacked {
  stack: Layer[];
}

/** Every application that anything was mounted in. */
export const applications = new Set<Application & { parent?: unknown }>();

/** Where a layer was mounted, and the application behind it: Express keeps neither. */
const mounted = new WeakMap<Layer, { at: string; app?: { _router?: Stacked } }>();

/** Call it before the applications are made, for each Express there is. */
export function watchMounts(resolveFrom: string): void {
  const express = createRequire(resolveFrom)('express') as {
    Router: { use(...given: unknown[]): unknown };
    application: { use(...given: unknown[]): unknown };
  };
  const { Router, application } = express;
  const { use } = Router;
  Router.use = function watched(this: Stacked, ...given: unknown[]) {
    const before = this.stack.length;
    const result = use.apply(this, given);
    const at = typeof given[0] === 'function' || Array.isArray(given[0]) ? '' : String(given[0]);
    for (const layer of this.stack.slice(before)) mounted.set(layer, { at: at === '/' ? '' : at });
    return result;
  };
  const { use: useApp } = application;
  application.use = function watched(this: { _router?: Stacked }, ...given: unknown[]) {
    applications.add(this as unknown as Application);
    const before = this._router?.stack.length ?? 0;
    const result = useApp.apply(this, given);
    const made = (this._router?.stack ?? []).slice(before);
    const apps = given.flat(3).filter((one) => typeof one === 'function');
    const layers = made.slice(-apps.length);
    for (const [index, layer] of layers.entries()) {
      const app = apps[index] as { _router?: Stacked; handle?: unknown };
      if (layer.name === 'mounted_app' && app.handle)
        mounted.set(layer, { at: mounted.get(layer)?.at ?? '', app });
    }
    return result;
  };
}

/** Of the hub and of Node-RED, each with an Express of its own. */
export function watchHub(): void {
  const ofNodeRed = createRequire(import.meta.url).resolve('node-red');
  const parts = ['@node-red/editor-api', '@node-red/runtime'].map((name) =>
    createRequire(ofNodeRed).resolve(`${name}/package.json`),
  );
  for (const from of [import.meta.filename, ofNodeRed, ...parts]) watchMounts(from);
}

/** The application that all others are mounted in. */
export function rootOf(): Application {
  return [...applications].find((one) => !one.parent)!;
}

export function routesOf(app: Application): Found[] {
  return walked((app as unknown as { _router: Stacked })._router.stack, '');
}

/** Look at a request and hand it on; none of them answers by itself, but to refuse. */
const passing = new Set(
  'query expressInit jsonParser urlencodedParser rawBodyCapture initialize bound router uncached onlyText conditional check reading'.split(
    ' ',
  ),
);

function walked(stack: Layer[], below: string): Found[] {
  return stack.flatMap((layer) => {
    const { at = '', app } = mounted.get(layer) ?? {};
    if (layer.route) return ofRoute(layer.route, below);
    const inner = layer.handle.stack ?? app?._router?.stack;
    if (inner) return walked(inner, below + at);
    // Errors, and what only looks.
    if (layer.handle.length === 4 || passing.has(layer.name)) return [];
    return [
      { method: 'ALL', path: `${below}${at || '/'} (${layer.name || 'a function'})`, probe: probing(layer) },
    ];
  });
}

function ofRoute({ path, stack, methods }: NonNullable<Layer['route']>, below: string): Found[] {
  const last = stack.findLast(({ handle }) => handle.length < 4)!;
  const written = path instanceof RegExp ? path.source.replaceAll('\\/', '/') : path;
  return Object.keys(methods).map((method) => ({
    method: method.toUpperCase(),
    path: below + (written === '/' && below ? '' : written === '*' ? '/*' : written),
    probe: probing(last),
  }));
}

const probing =
  (layer: Layer) =>
  (answer: (request: Request, response: Response) => boolean): void => {
    const { handle } = layer;
    layer.handle = ((request: Request, response: Response, ...rest: unknown[]) =>
      answer(request, response) || handle.call(layer, request, response, ...rest)) as Handle;
  };
