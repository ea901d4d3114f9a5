/** Keeps what YAML was read as from one run to the next: reading it is most of a short run's time, and much of a hub's start. */
import { hash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';

/** More than a large project's files; beyond it what this run did not use is given up. */
const most = 5000;

let kept: Map<string, Uint8Array> | undefined;
const used = new Map<string, Uint8Array>();

/**
 * From now on, in this file. It is written, and the memory is free again, at the call of what this returns; else when the
 * process ends. Where it cannot be read or written, all is read anew.
 */
export function keepReadings(file: string): () => void {
  const before = load(file);
  kept = before;
  const end = () => {
    if ([...used.keys()].some((key) => !before.has(key)))
      save(file, new Map([...used, ...before].slice(0, Math.max(most, used.size))));
    kept = undefined;
    used.clear();
  };
  process.on('exit', end);
  return end;
}

/**
 * What `read` makes of the text: plain values, Maps and lists, the caller's to change. `kind` names how it is read, and
 * must change when that does.
 */
export function readOnce<T>(kind: string, text: string, read: () => T): T {
  if (!kept) return read();
  const key = hash('sha256', `${kind}\n${text}`);
  const known = kept.get(key) ?? used.get(key);
  if (known) {
    used.set(key, known);
    return deserialize(known) as T;
  }
  const value = read();
  used.set(key, serialize(value));
  return value;
}

function load(file: string): Map<string, Uint8Array> {
  try {
    return deserialize(readFileSync(file)) as Map<string, Uint8Array>;
  } catch {
    return new Map();
  }
}

function save(file: string, readings: Map<string, Uint8Array>): void {
  const whole = `${file}.${process.pid}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(whole, serialize(readings), { mode: 0o600 });
    renameSync(whole, file);
  } catch {
    // The next run reads all anew.
  }
}
