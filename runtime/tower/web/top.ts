/** The bar above every page: where one can go, the search, and who is logged in. */
import { hrefOf } from './kit/address.ts';
import { html, useEffect, useRef, type View } from './kit/html.ts';
import { Link, navigate, useRoute } from './kit/route.ts';
import { logOut, may, useMe } from './kit/session.ts';
import { t, teamName } from './kit/text.ts';
import { LanguageChoice } from './language.ts';
import { pages } from './pages.ts';

const icon = new URL('icon.svg', import.meta.url).pathname;

export function Top(): View {
  const me = useMe();
  return html`<header class="top">
    <a class="brand" href="/tower"><img src=${icon} alt="" width="24" height="24" /> Crossdock</a>
    ${me && html`<span class=${`environment${me.production ? ' production' : ''}`}>${me.environment}</span>`}
    <${Search} />
    <${Navigation} />
    <details class="account">
      <summary>${me?.name ?? me?.user}</summary>
      <div>
        ${me && me.teams.length > 0 && html`<p class="small">${t('shell.teams', { teams: me.teams.map(teamName).join(', ') })}</p>`}
        <${LanguageChoice} />
        <a href="/">${t('shell.editor')}</a>
        <button type="button" onClick=${logOut}>${t('shell.logOut')}</button>
      </div>
    </details>
  </header>`;
}

/** Of the tower or of the workspace, whichever this page belongs to, and the way to the other. */
function Navigation(): View {
  const { path: current } = useRoute();
  const making = current.startsWith('/workspace');
  const shown = pages
    .flatMap(({ path, nav, needs = 'crossdock.read' }) => (nav && may(needs) ? [{ path, ...nav }] : []))
    .filter(({ path }) => path.startsWith('/workspace') === making)
    .toSorted((one, two) => one.order - two.order);
  return html`<nav aria-label=${t('shell.pages')}>
    ${shown.map(({ path, text }) => html`<${Link} key=${path} href=${path}>${t(text)}<//>`)}
    <a class="other" href=${making ? '/tower' : '/workspace'}
      >${making ? t('shell.tower') : t('shell.workspace')}</a
    >
  </nav>`;
}

/** `/` brings the cursor here from any page. */
function Search(): View {
  const { path, query } = useRoute();
  const field = useRef<HTMLInputElement>(null);
  const asked = path === '/tower/search' ? (query.get('q') ?? '') : '';
  useEffect(() => {
    if (field.current) field.current.value = asked;
  }, [asked]);
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      // A code field is in a shadow root, outside of which it is no field.
      const [typed = event.target] = event.composedPath();
      const typing = (typed as Element).closest('input, textarea, select, [contenteditable], dialog');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      field.current?.select();
    };
    document.addEventListener('keydown', focus);
    return () => document.removeEventListener('keydown', focus);
  }, []);
  const find = (event: Event): void => {
    event.preventDefault();
    const q = field.current?.value.trim();
    if (q) navigate(hrefOf('/tower/search', { q }));
  };
  return html`<form role="search" onSubmit=${find}>
    <input
      ref=${field}
      type="search"
      name="q"
      aria-label=${t('shell.search')}
      placeholder=${t('shell.searchHint')}
      aria-keyshortcuts="/"
    />
  </form>`;
}
