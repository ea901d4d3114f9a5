/** What follows from a partner's name: its short name, the path of its webhook, and the variable of its secret. */

const letters: Record<string, string> = {
  ä: 'ae',
  ö: 'oe',
  ü: 'ue',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'oe',
  å: 'aa',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ı: 'i',
};

/** `Müller & Söhne` → `mueller-soehne`; empty where no letter of it is Latin. */
export function nameOf(title: string): string {
  return title
    .toLowerCase()
    .normalize('NFC')
    .replaceAll(/[^\0-\x7f]/g, (one) => letters[one] ?? one)
    .normalize('NFD')
    .replaceAll(/\p{M}|['’`´]/gu, '')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+/g, '')
    .slice(0, 41)
    .replace(/-$/, '');
}

export const shortName = /^(?=.{2,41}$)[a-z][a-z0-9]*(-[a-z0-9]+)*$/;
/** A name as people write it: it begins with a letter or a digit and has no sign that cannot be seen. */
export const titled = /^[\p{L}\p{N}][^\p{C}\p{Zl}\p{Zp}]{0,59}$/u;

export const webhookPath = /^\/[a-z0-9][a-z0-9_./-]{0,99}$/;

export function pathOf(name: string, sends: string): string {
  return `/${name}/${sends}`;
}

export function variableOf(name: string): string {
  return `${name.replaceAll('-', '_').toUpperCase()}_WEBHOOK_SECRETS`;
}
