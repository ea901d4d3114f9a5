/** What kind of object a value is: plain data, such as JSON holds, an instance of a class (a Buffer, a Date, a time of $moment), a function of JSONata. */

/** Also of another realm: what a function node makes has an Object of its own. */
export function isPlain(value: object): boolean {
  const kind = Object.getPrototypeOf(value) as object | null;
  return kind === null || kind === Object.prototype || Object.getPrototypeOf(kind) === null;
}

const kept = new Set(
  'constructor prototype __proto__ __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__'.split(
    ' ',
  ),
);

/** What an instance has by its class: `format` of a time of $moment, `length` of a Buffer. Of plain data nothing. */
export function inherited(value: object, name: string): unknown {
  return isPlain(value) || kept.has(name) ? undefined : (value as Record<string, unknown>)[name];
}

/** A function as JSONata makes it, which is an object. */
export function isMade(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    ('_jsonata_lambda' in value || '_jsonata_function' in value)
  );
}

/** A field like any other, also `__proto__`. */
export function put(object: object, name: string, value: unknown): void {
  if (name !== '__proto__') (object as Record<string, unknown>)[name] = value;
  else Object.defineProperty(object, name, { value, writable: true, enumerable: true, configurable: true });
}
