/** Where checkpoints go outside of the store: a file that is only added to, syslog, and a webhook signed with the hub's key. */
import type { KeyObject } from 'node:crypto';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError } from '../../errors/coded-error.ts';
import { exchange } from '../../http/exchange.ts';
import { signature } from '../../verify/keys.ts';
import { syslogSink } from './syslog.ts';
import type { Sink } from './sink.ts';

const LIMIT_MS = 10_000;

/** None where nothing is set. Throws CONFIG_INVALID for an address that is none. */
export function sinksOf(env: NodeJS.ProcessEnv, key: () => Promise<KeyObject>): Sink[] {
  const { CROSSDOCK_AUDIT_FILE: file, CROSSDOCK_AUDIT_URL: url, CROSSDOCK_AUDIT_SYSLOG: syslog } = env;
  return [
    ...(file ? [fileSink(resolve(file))] : []),
    ...(syslog ? [syslogSink(syslog, env['CROSSDOCK_AUDIT_SYSLOG_CA'], LIMIT_MS)] : []),
    ...(url ? [webhookSink(addressOf(url), key)] : []),
  ];
}

function fileSink(file: string): Sink {
  return {
    name: 'CROSSDOCK_AUDIT_FILE',
    async send(checkpoint) {
      const before = (await endsInALine(file)) ? '' : '\n';
      const handle = await open(file, 'a', 0o600);
      try {
        await handle.appendFile(`${before}${JSON.stringify(checkpoint)}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}

/** False after a line of which only half was written. What may not be read is taken to be whole. */
async function endsInALine(file: string): Promise<boolean> {
  const handle = await open(file, 'r').catch(() => undefined);
  if (!handle) return true;
  try {
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size === 0) return true;
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, stat.size - 1);
    return buffer[0] === 0x0a;
  } finally {
    await handle.close();
  }
}

/** As Standard Webhooks has it, with `v1a`: who has the public key checks it. */
function webhookSink(url: string, key: () => Promise<KeyObject>): Sink {
  return {
    name: 'CROSSDOCK_AUDIT_URL',
    async send(checkpoint) {
      const body = JSON.stringify(checkpoint);
      // Another chain after a restore has the same numbers.
      const id = `audit-${checkpoint.sequence}-${checkpoint.hash.slice('sha256:'.length).slice(0, 12)}`;
      const seconds = String(Math.floor(Date.parse(checkpoint.at) / 1000));
      const headers = {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': seconds,
        'webhook-signature': `v1a,${signature(await key(), [`${id}.${seconds}.`, Buffer.from(body)])}`,
      };
      const { status } = await exchange(url, { method: 'POST', headers, body }, LIMIT_MS);
      if (status < 200 || status > 299)
        throw new CodedError('PARTNER_REFUSED', `CROSSDOCK_AUDIT_URL answered ${status}`, { status });
    },
  };
}

function addressOf(url: string): string {
  if (/^https?:$/.test(URL.parse(url)?.protocol ?? '')) return url;
  throw new CodedError('CONFIG_INVALID', 'CROSSDOCK_AUDIT_URL is no web address', {
    setting: 'CROSSDOCK_AUDIT_URL',
  });
}
