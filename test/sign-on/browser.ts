/** As a browser goes through a login: it keeps cookies by host, and a test says which redirects it follows. */

export interface Step {
  status: number;
  /** Where it is sent to; empty where it is not. */
  to: string;
  body: string;
  /** All that the hub or the provider said in headers. */
  headers: string;
}

export interface Browser {
  cookies: Map<string, Map<string, string>>;
  go(url: string, form?: Record<string, string>): Promise<Step>;
  /** From the hub to the address with which the provider sends it back, as this account. */
  untilReturn(hub: string, sub: string, back?: string): Promise<string>;
  untilBack(begun: string, hub: string, sub: string): Promise<string>;
  /** Goes there, and fetches the token where the login succeeds. */
  arrive(returned: string): Promise<{ token?: string; back?: string; code?: string; pages: string[] }>;
  logIn(hub: string, sub: string, back?: string): ReturnType<Browser['arrive']>;
}

export function browser(): Browser {
  const cookies = new Map<string, Map<string, string>>();
  const jarOf = ({ host }: URL): Map<string, string> => {
    if (!cookies.has(host)) cookies.set(host, new Map());
    return cookies.get(host)!;
  };

  async function go(address: string, form?: Record<string, string>): Promise<Step> {
    const url = new URL(address);
    const jar = jarOf(url);
    const answer = await fetch(url, {
      redirect: 'manual',
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      headers: { cookie: [...jar].map(([name, value]) => `${name}=${value}`).join('; ') },
    });
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      if (value === '' || /expires=Thu, 01 Jan 1970/i.test(cookie)) jar.delete(name);
      else jar.set(name, value);
    }
    const to = answer.headers.get('location') ?? '';
    return {
      status: answer.status,
      to: to && new URL(to, url).href,
      body: await answer.text(),
      headers: JSON.stringify([...answer.headers]),
    };
  }

  async function untilReturn(hub: string, sub: string, back = '/tower'): Promise<string> {
    return untilBack(`${hub}/auth/sign-on?return=${encodeURIComponent(back)}`, hub, sub);
  }

  async function untilBack(begun: string, hub: string, sub: string): Promise<string> {
    let step = await go(begun);
    for (let steps = 0; steps < 10; steps += 1) {
      if (!step.to) throw new Error(`It ends with ${step.status}: ${step.body.slice(0, 500)}`);
      if (step.to.startsWith(hub)) return step.to;
      const asksWho = step.to.includes('/interaction/');
      step = await go(step.to, asksWho ? { sub } : undefined);
    }
    throw new Error('It never comes back');
  }

  async function arrive(returned: string) {
    const landed = await go(returned);
    const pages = [landed.body, landed.headers];
    if (landed.to) {
      const fragment = new URLSearchParams(new URL(landed.to).hash.slice(1));
      return { code: fragment.get('sign-on') ?? '', back: fragment.get('return') ?? '', pages };
    }
    const told = await go(new URL('/auth/sign-on/token', returned).href, {});
    if (told.status !== 200) return { code: (JSON.parse(told.body) as { code: string }).code, pages };
    const { access_token: token, back } = JSON.parse(told.body) as { access_token: string; back: string };
    return { token, back, pages };
  }

  return {
    cookies,
    go,
    untilReturn,
    untilBack,
    arrive,
    logIn: async (hub, sub, back) => arrive(await untilReturn(hub, sub, back)),
  };
}
