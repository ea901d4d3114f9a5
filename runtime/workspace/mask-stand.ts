/** What stands for a value that was masked: made up, of the same form, and the same one for the same value. */
import { createHmac } from 'node:crypto';
import type { Kind } from './personal.ts';

/** Stands for a value from now on, wherever it comes again. */
export type Stand = (kind: Kind, value: string) => string;

/** `stands` holds by its value each that was made. */
export function standing(seed: string, stands: Map<string, string>): Stand {
  const counts = new Map<Kind, number>();
  const used = new Set<string>();
  return (kind, value) => {
    const before = stands.get(value);
    if (before !== undefined) return before;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    let made = standIn(kind, value, count, seed);
    for (let turn = 1; (used.has(made) || made === value) && turn < 20; turn += 1)
      made = standIn(kind, value, count, `${seed} ${turn}`);
    used.add(made);
    stands.set(value, made);
    return made;
  };
}

function standIn(kind: Kind, value: string, count: number, seed: string): string {
  switch (kind) {
    case 'name':
      return `Name ${count}`;
    case 'email':
      return `person${count}@example.com`;
    case 'street':
      return `Street ${count}`;
    case 'city':
      return `City ${count}`;
    case 'note':
    case 'text':
      return `Note ${count}`;
    case 'secret':
      return `secret-${count}`;
    case 'place':
      return '0';
    case 'ip':
      return value.includes(':') ? `2001:db8::${count}` : `192.0.2.${count % 256}`;
    case 'phone':
    case 'postcode':
    case 'number':
      return sameForm(value, seed);
  }
}

/** Digits for digits and letters for letters; the first digit of a number is none that would shorten it. */
function sameForm(value: string, seed: string): string {
  const bytes = createHmac('sha256', seed).update(value).digest();
  let at = 0;
  return value.replaceAll(/[0-9A-Za-z]/g, (char) => {
    const byte = bytes[at % bytes.length]! + at;
    at += 1;
    if (/[0-9]/.test(char)) return at === 1 ? String(1 + (byte % 9)) : String(byte % 10);
    return String.fromCharCode((/[a-z]/.test(char) ? 97 : 65) + (byte % 26));
  });
}
