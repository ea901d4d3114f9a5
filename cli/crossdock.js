#!/usr/bin/env node
/**
 * The `crossdock` command. Plain JavaScript, so that the cache is in place before the first type is taken out: from the
 * second run on neither that nor compiling takes time.
 */
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

// Where the folder cannot be written, all is compiled each time.
enableCompileCache(join(import.meta.dirname, '../node_modules/.cache/crossdock'));
await import('./crossdock.ts');
