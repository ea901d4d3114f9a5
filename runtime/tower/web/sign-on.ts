/** The login at a provider: whether this hub has one, the way there, and why the last try came back without a login. */
import { html, useEffect, useState, type View } from './kit/html.ts';
import { t, textOf } from './kit/text.ts';

export interface SignOnState {
  on: boolean;
  /** The provider does not answer. */
  away: boolean;
}

/** What the hub said at the end of the address when it sent the browser here. */
export interface Returned {
  /** An error code. */
  why?: string;
  /** An address of this hub, whole. */
  back?: string;
}

/** Undefined until it is known; a hub that does not answer is one without, whose form then says so. */
export function useSignOn(): SignOnState | undefined {
  const [state, set] = useState<SignOnState>();
  useEffect(() => {
    fetch('/auth/sign-on/state')
      .then(async (answer) => set((await answer.json()) as SignOnState))
      .catch(() => set({ on: false, away: false }));
  }, []);
  return state;
}

/** Once: the address is without it then, so that a page that is loaded again says nothing old. */
export function takeReturned(): Returned {
  const said = new URLSearchParams(location.hash.slice(1));
  const why = said.get('sign-on');
  if (!why) return {};
  history.replaceState(history.state, '', location.pathname + location.search);
  // Only the hub writes this, but anybody can make a link of it.
  const back = URL.parse(said.get('return') ?? '', location.origin);
  return { why, ...(back?.origin === location.origin && { back: back.href }) };
}

interface WayProps extends Returned {
  away: boolean;
  /** A page waits behind: it stays as it is, and the login is made in another. */
  over: boolean;
}

export function SignOnWay({ away, why, back, over }: WayProps): View {
  const here = back ? new URL(back) : location;
  const way = `/auth/sign-on?${new URLSearchParams({ return: over ? '/tower' : here.pathname + here.search })}`;
  // What the provider does now counts more than what it did.
  const fault = why && !away ? (textOf(`faults.${why}`) ?? t('login.failed')) : undefined;
  return html`${fault && html`<p class="fault" role="alert">${fault}</p>`}
    ${away && html`<p class="fault" role="alert">${t('login.away')}</p>`}
    <a class="go" href=${way} ...${over ? { target: '_blank', rel: 'noopener' } : {}}
      >${away ? t('login.signOnAgain') : t('login.signOn')}</a
    >
    ${over && html`<p class="small">${t('login.signOnOver')}</p>`}`;
}
