/** Whether a setting matters, by what others of the same node are set to: `when: { scheme: ['hmac'] }` in its schema. */

/** Each of these settings has one of the values; `given`: it has any, `missing`: it has none. */
export type When = Record<string, readonly unknown[] | 'given' | 'missing'>;

interface Setting {
  default?: unknown;
  when?: When;
}

/** `editor/form.js` says the same in the browser. A setting that itself does not matter counts as not set. */
export function applies(properties: Record<string, Setting>, name: string, settings: object): boolean {
  return Object.entries(properties[name]?.when ?? {}).every(([other, wanted]) => {
    const counts = applies(properties, other, settings);
    const set = (settings as Record<string, unknown>)[other];
    const value = counts ? (isEmpty(set) ? properties[other]?.default : set) : undefined;
    // What the environment will say is not known here.
    if (typeof value === 'string' && value.startsWith('${')) return true;
    if (wanted === 'given') return !isEmpty(value);
    if (wanted === 'missing') return isEmpty(value);
    return wanted.includes(value);
  });
}

const isEmpty = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

export type ConditionWords = Record<'only' | 'with' | 'without' | 'and' | 'or' | 'yes' | 'no', string>;

export const conditionWords: ConditionWords = {
  only: 'only',
  with: 'with',
  without: 'without',
  and: 'and',
  or: 'or',
  yes: 'yes',
  no: 'no',
};

/** "only with scheme hmac or bearer"; empty without a condition. */
export function conditionText(when: When | undefined, words = conditionWords): string {
  const said = (one: unknown): string => (one === true ? words.yes : one === false ? words.no : String(one));
  const parts = Object.entries(when ?? {}).map(([name, wanted]) => {
    if (wanted === 'given') return `${words.with} ${name}`;
    if (wanted === 'missing') return `${words.without} ${name}`;
    return `${words.with} ${name} ${wanted.map(said).join(` ${words.or} `)}`;
  });
  return parts.length === 0 ? '' : `${words.only} ${parts.join(` ${words.and} `)}`;
}
