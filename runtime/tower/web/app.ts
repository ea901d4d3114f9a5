/** The tower in the browser: who is logged in, the way between the pages, and the page that is asked for. */
import type { Me } from '../../node-red/tower/me.ts';
import { matched } from './kit/address.ts';
import { get, type ApiError } from './kit/api.ts';
import { html, render, useEffect, useLayoutEffect, useRef, useState, type View } from './kit/html.ts';
import { arrived, Fault, Loading, Title } from './kit/page.ts';
import { followLinks, useRoute } from './kit/route.ts';
import { may, place, session, token } from './kit/session.ts';
import { useSignal } from './kit/signal.ts';
import { t, useLanguage } from './kit/text.ts';
import { Choose } from './choose.ts';
import { Idle } from './idle.ts';
import { Login } from './login.ts';
import { pages } from './pages.ts';
import { Top } from './top.ts';

function App(): View {
  const { me, ended } = useSignal(session);
  const language = useLanguage();
  const [failed, fail] = useState<ApiError>();
  const enter = async (): Promise<void> => {
    fail(undefined);
    try {
      session.set({ me: await get<Me>('/me') });
    } catch (error) {
      // Without a login left there is nothing to try again: the next login is asked for.
      if (token()) fail(error as ApiError);
    }
  };
  useEffect(() => {
    if (token()) void enter();
    // Another page of this browser was logged in, perhaps as somebody else: what is done here is done as that one.
    const changed = (event: StorageEvent): void => void (event.key === place && token() && enter());
    addEventListener('storage', changed);
    return () => removeEventListener('storage', changed);
  }, []);
  useLayoutEffect(() => {
    document.documentElement.lang = language;
  }, [language]);
  if (me?.mustChoose && !ended) return html`<${Choose} user=${me.user} onIn=${enter} />`;
  if (me)
    // What was written stays where it is until the same person is back.
    return html`${ended ? html`<${Again} onIn=${enter} failed=${failed} />` : html`<${Head} />`}
      <main id="content" key=${me.user} hidden=${ended !== undefined} tabindex="-1"><${Current} /></main>`;
  if (!token()) return html`<${Login} onIn=${enter} />`;
  return html`<main>
    ${failed ? html`<${Fault} error=${failed} retry=${enter} />` : html`<${Loading} />`}
  </main>`;
}

function Head(): View {
  return html`<a class="skip" href="#content">${t('shell.skip')}</a><${Top} /><${Idle} />`;
}

/** The login over a page, and over a dialog that is open there. */
function Again({ onIn, failed }: { onIn(): Promise<void>; failed: ApiError | undefined }): View {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => box.current?.showModal(), []);
  return html`<dialog
    ref=${box}
    class="again"
    aria-label=${t('login.title')}
    onCancel=${(event: Event) => event.preventDefault()}
  >
    ${failed ? html`<main><${Fault} error=${failed} retry=${onIn} /></main>` : html`<${Login} onIn=${onIn} />`}
  </dialog>`;
}

function Current(): View {
  const { path } = useRoute();
  const [first] = useState(path);
  useEffect(() => {
    if (path !== first) window.scrollTo(0, 0);
  }, [path]);
  for (const { path: pattern, view, needs = 'crossdock.read' } of pages) {
    const params = matched(pattern, path.replace(/\/$/, ''));
    if (params && !may(needs)) return html`<${Title} text=${t('shell.mayNot')} />`;
    if (params) return html`<${view} key=${path} params=${params} />`;
  }
  return html`<${Title} text=${t('shell.noPage')} />
    <p>${t('shell.noPageHelp')} <a href="/tower">${t('shell.home')}</a></p>`;
}

followLinks(() => arrived.set(true));
render(html`<${App} />`, document.querySelector('#tower') as Element);
