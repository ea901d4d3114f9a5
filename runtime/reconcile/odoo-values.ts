/** Values as Odoo's answers have them, as the facts have them. */
import Big from 'big.js';

export type Many = [id: number, name: string];
export type Maybe<T> = T | false;

/** A number of a JSON answer has no more digits than the database has decimals; six are more than any field of these has. */
export function amountOf(value: number): string {
  return Big(value).round(6).toFixed();
}

/** `2026-11-29 11:00:43` is UTC. */
export function timeOf(value: string): string {
  return `${value.slice(0, 10)}T${value.length > 10 ? value.slice(11, 19) : '00:00:00'}.000Z`;
}

/** As a condition says it. */
export function odooTime(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

export function later(one: string, other: string): string {
  return one > other ? one : other;
}
