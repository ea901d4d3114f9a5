/** An address that a route answers, and which routes answer without a login. */

/** Of those that are written as an expression. */
const samples: Record<string, string> = {
  '^/resources/((?:@[^/]+/)?[^/]+)/(.+)$': '/resources/x/x',
  '^/locales/(.+)/?$': '/locales/x',
  '^/library/([^/]+)/([^/]+)(?:$|/(.*))': '/library/local/flows/x',
  '^/library/([^/]+)/([^/]+)/(.*)': '/library/local/flows/x',
  '^/nodes/messages': '/nodes/messages',
  '^/nodes/((@[^/]+/)?[^/]+/[^/]+)/messages': '/nodes/x/x/messages',
  '^/nodes/((@[^/]+/)?[^/]+)$': '/nodes/x',
  '^/nodes/((@[^/]+/)?[^/]+)/([^/]+)$': '/nodes/x/x',
  '^/plugins/((@[^/]+/)?[^/]+)$': '/plugins/x',
  '^/plugins/((@[^/]+/)?[^/]+)/([^/]+)$': '/plugins/x/x',
};

/** `/tower/api/issues/:id` gives `/tower/api/issues/x`. Throws for an expression that has no sample yet. */
export function addressOf(path: string): string {
  const at = path.indexOf('^');
  if (at >= 0) {
    const sample = samples[path.slice(at)];
    if (sample === undefined)
      throw new Error(`Give ${path.slice(at)} an address in test/access/addresses.ts`);
    return path.slice(0, at) + sample;
  }
  if (path.startsWith('/ (')) return '/nothing/is/called/so';
  return path
    .replace(/ \(.*\)$/, '')
    .replaceAll(/:\w+\(([\w-]+)[^)]*\)/g, '$1')
    .replaceAll(/:\w+/g, 'x')
    .replaceAll('*', 'x');
}

/** What answers without a login, and why; all else is for those who are logged in. By the beginning of the route. */
export const open: Record<string, string> = {
  'GET /healthz': 'says that the process is alive',
  'GET /readyz': 'says whether it can work',
  'GET /metrics': 'asks by itself: this machine, or a token of the scope metrics',
  'ALL /api (': 'the routes of flows, which check their callers themselves',
  'POST /auth/*': 'reads the body of the login',
  'POST /auth/token': 'the login',
  'GET /auth/login': 'says what a login needs',
  'GET /auth/sign-on/state': 'says whether people log in by sign-on, and whether it is away',
  'GET /': 'the page of the editor, without flows',
  'GET /icons/:': 'pictures of node types',
  'GET ^/resources/': 'scripts of node types for the page of the editor',
  'GET /theme': 'looks of the editor',
  'ALL / (serveStatic)': 'files of the editor',
  'ALL /projects/ (': 'says that there are no projects',
  'GET /projects': 'never reached: there are no projects',
  'GET ^/locales/': 'words of the editor',
  'ALL /settings/user/keys (': 'asks for settings.write before the routes behind it',
  'GET /debug/view/': 'a page of the editor, without messages',
  'ALL /tower/api/ (': 'says that there is no such call',
  'GET /tower/static/': 'files of the tower',
  'GET /tower/*': 'the page of the tower, without data',
  'GET /workspace/static/': 'files of the tower',
  'GET /workspace/*': 'the page of the tower, without data',
  'ALL / (<anonymous>)': 'says that there is nothing of this name',
};

/** Why a route is open; undefined for one that is not. `GET /` is only that page. */
export function openBy(route: string): string | undefined {
  const key = Object.keys(open).find((one) => (one === 'GET /' ? route === one : route.startsWith(one)));
  return key && open[key];
}
