/** JSON as RFC 8785 writes it: one text for one value, so that its hash is the value's. */

/** Throws TypeError for what JSON can not hold: such a value has no canonical text. */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('A text has half a character');
      return JSON.stringify(value);
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`${value} is no number of JSON`);
      return JSON.stringify(value);
    case 'boolean':
      return String(value);
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? `[${value.map(canonicalJson).join()}]` : ofObject(value);
    default:
      throw new TypeError(`JSON holds no ${typeof value}`);
  }
}

/** Names in the order of their UTF-16 units, as JavaScript compares. What is undefined is not there. */
function ofObject(value: object): string {
  const fields = value as Record<string, unknown>;
  const names = Object.keys(fields)
    .filter((name) => fields[name] !== undefined)
    .toSorted();
  return `{${names.map((name) => `${canonicalJson(name)}:${canonicalJson(fields[name])}`).join()}}`;
}
