/** A notice as an e-mail, by SMTP. */
import { CodedError } from '../errors/coded-error.ts';

export interface Mail {
  /** smtp://user:password@host:587, or smtps://. */
  server: string;
  from: string;
  to: string;
  /** Of the notice: sent again, it is the same mail. */
  id: string;
  text: string;
}

const LIMIT_MS = 10_000;
const longestSubject = 120;
/** What nodemailer says where the server answered, and said no. */
const refused = new Set(['EAUTH', 'ENOAUTH', 'EENVELOPE', 'EMESSAGE', 'EPROTOCOL', 'EREQUIRETLS', 'ETLS']);

/** Throws CodedError CONFIG_INVALID, PARTNER_UNREACHABLE or PARTNER_REFUSED. */
export async function sendMail({ server, from, to, id, text }: Mail): Promise<void> {
  const { host, secure, port, auth } = serverOf(server);
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host,
    secure,
    ...(port && { port }),
    // A password never goes over the wire in the clear.
    ...(auth && { auth, requireTLS: !secure }),
    connectionTimeout: LIMIT_MS,
    greetingTimeout: LIMIT_MS,
    socketTimeout: LIMIT_MS,
  });
  const subject = text.length > longestSubject ? `${text.slice(0, longestSubject - 1)}…` : text;
  const messageId = `<${Buffer.from(id).toString('hex')}@crossdock>`;
  const headers = { 'Auto-Submitted': 'auto-generated' };
  try {
    await transport.sendMail({ from, to, subject: `Crossdock: ${subject}`, text, messageId, headers });
  } catch (cause) {
    throw whyNot(cause as { code?: string; responseCode?: number });
  } finally {
    transport.close();
  }
}

function serverOf(text: string) {
  const url = URL.parse(text);
  if (!url || !['smtp:', 'smtps:'].includes(url.protocol) || !url.hostname)
    throw new CodedError('CONFIG_INVALID', 'A mail server is smtp://user:password@host:port, or smtps://');
  const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    secure: url.protocol === 'smtps:',
    port: Number(url.port),
    auth: user === '' ? undefined : { user, pass },
  };
}

/** Without what the server said: it may name people. */
function whyNot(cause: { code?: string; responseCode?: number }): CodedError {
  const { code = '', responseCode: status } = cause;
  if (status === undefined && !refused.has(code))
    return new CodedError('PARTNER_UNREACHABLE', `The mail server cannot be reached: ${code}`, {}, { cause });
  const answer = status === undefined ? code : `${code} ${status}`;
  return new CodedError('PARTNER_REFUSED', `The mail server did not take it: ${answer}`, {}, { cause });
}
