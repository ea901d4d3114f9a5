#!/usr/bin/env node
/**
 * The `crossdock` command. Plain JavaScript, so that the cache is in place before the first type is taken out: from the
 * second run on neither that nor compiling takes time. The package holds JavaScript made from the checkout's TypeScript.
 */
import { existsSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

const isCheckout = existsSync(join(import.meta.dirname, 'crossdock.ts'));
// Where the folder cannot be written, all is compiled each time.
enableCompileCache(join(import.meta.dirname, isCheckout ? '..' : '../dist', 'node_modules/.cache/crossdock'));
if (!isCheckout) process.setSourceMapsEnabled(true);
await import(isCheckout ? './crossdock.ts' : '../dist/cli/crossdock.js');
