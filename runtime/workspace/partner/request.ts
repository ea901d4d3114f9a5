/** A request as a person pastes it: a curl command, raw HTTP, or header lines and a body. */
import { CodedError } from '../../errors/coded-error.ts';
import { unescaped } from './ansi-c.ts';

export interface Pasted {
  method: string;
  /** As asked; empty where the text does not say. */
  url: string;
  headers: Record<string, string>;
  body: string;
}

const methods = /^(?:POST|PUT|PATCH|GET|DELETE)\s+(\S+)(?:\s+HTTP\/[\d.]+)?$/;
const headerLine = /^([!#$%&'*+.^_`|~\w-]+):[ \t]*(.*)$/;

/** Throws CodedError REQUEST_INVALID where no body can be told from the headers. */
export function readPasted(text: string): Pasted {
  const read = /^\s*curl\s/.test(text) ? ofCurl(text) : ofLines(text);
  if (read.body.trim() === '')
    throw new CodedError(
      'REQUEST_INVALID',
      'The request has no body: paste the header lines, an empty line, then the body',
    );
  return read;
}

/** A paste may have one line end more than was sent, or other ones: a page's field makes all of them \n. */
export function bodiesOf(body: string): string[] {
  const bare = body.replace(/\r?\n$/, '');
  const plain = body.replaceAll('\r\n', '\n');
  const windows = [plain, plain.trim()].map((text) => text.replaceAll('\n', '\r\n'));
  return [...new Set([body, bare, body.trim(), bare.replaceAll('\r\n', '\n'), ...windows])];
}

function ofLines(text: string): Pasted {
  const lines = text.replace(/^\s+/, '').split(/\r?\n/);
  const [, url = ''] = methods.exec(lines[0] ?? '') ?? [];
  const method = url ? lines[0]!.split(/\s/)[0]! : 'POST';
  let at = url ? 1 : 0;
  const headers: Record<string, string> = {};
  for (; at < lines.length; at += 1) {
    const [, name, value = ''] = headerLine.exec(lines[at]!) ?? [];
    if (name === undefined) break;
    headers[name.toLowerCase()] = value.trim();
  }
  // The body as it stands, with its own line ends.
  const rest = lines[at] === '' ? at + 1 : at;
  return { method, url, headers, body: behind(text.replace(/^\s+/, ''), rest) };
}

function behind(text: string, lines: number): string {
  let at = 0;
  for (let line = 0; line < lines; line += 1) {
    const end = text.indexOf('\n', at);
    if (end === -1) return '';
    at = end + 1;
  }
  return text.slice(at);
}

const dataFlags = new Set(['-d', '--data', '--data-raw', '--data-binary', '--data-ascii', '--json']);
/** Those of the usual flags that take a value. */
const valued = new Set(
  '-u --user -A --user-agent -e --referer -b --cookie -o --output -m --max-time --connect-timeout'.split(' '),
);
const uploads = new Set(['-F', '--form', '--form-string', '-T', '--upload-file', '--data-urlencode']);

function ofCurl(text: string): Pasted {
  if (/^\s*curl(\.exe)?\s+(\S+\s+)*?\^"|\s\^\r?\n/.test(text))
    throw new CodedError(
      'REQUEST_INVALID',
      'This is curl for the Windows command prompt, which changes the body: copy it as cURL (bash)',
    );
  const words = shellWords(text.trim());
  const headers: Record<string, string> = {};
  let [method, url] = ['POST', ''];
  const bodies: string[] = [];
  for (let at = 1; at < words.length; at += 1) {
    const [flag = '', inline] = split(words[at]!);
    const value = (): string => inline ?? words[(at += 1)] ?? '';
    if (flag === '-H' || flag === '--header') {
      const [, name, said = ''] = headerLine.exec(value()) ?? [];
      if (name !== undefined) headers[name.toLowerCase()] = said.trim();
    } else if (dataFlags.has(flag)) bodies.push(value());
    else if (uploads.has(flag))
      throw new CodedError(
        'REQUEST_INVALID',
        `curl makes the body itself (${flag}): paste the request as it was sent`,
      );
    else if (flag === '-X' || flag === '--request') method = value();
    else if (flag === '--url') url = value();
    else if (valued.has(flag)) value();
    else if (!flag.startsWith('-')) url = flag;
  }
  if (bodies.some((body) => body.startsWith('@')))
    throw new CodedError('REQUEST_INVALID', 'curl reads the body from a file (@): paste the body itself');
  return { method, url, headers, body: bodies.join('&') };
}

/** `--header=X: 1` and `-XPOST` are a flag with its value. */
function split(word: string): [string, string?] {
  const [, flag, value] = /^(--[a-z-]+)=(.*)$/s.exec(word) ?? /^(-[HXduAebomFT])(.+)$/s.exec(word) ?? [];
  return flag === undefined ? [word] : [flag, value];
}

/** As a shell reads them: quotes of both kinds, $'…', and a backslash before the end of a line. */
function shellWords(text: string): string[] {
  const part = /\$'((?:\\.|[^'\\])*)'|'([^']*)'|"((?:\\.|[^"\\])*)"|\\(\r?\n)|\\(.)|(\s+)|([^\s'"\\$]+|\$)/gs;
  const words: string[] = [];
  let word: string | undefined;
  for (const [, ansi, single, double, , escaped, space, plain] of text.matchAll(part)) {
    if (space !== undefined) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (ansi !== undefined) word = (word ?? '') + unescaped(ansi);
    else if (double !== undefined)
      word = (word ?? '') + double.replaceAll(/\\(?:(["\\$`])|\r?\n)/g, (_, one?: string) => one ?? '');
    else {
      const more = single ?? escaped ?? plain;
      if (more !== undefined) word = (word ?? '') + more;
    }
  }
  return word === undefined ? words : [...words, word];
}
