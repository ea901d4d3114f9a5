/** The page on which a login ends: it fetches the token, keeps it where editor and tower look for it, and goes on. */

export const landingPage = [
  '<!doctype html>',
  '<meta charset="utf-8">',
  '<meta name="color-scheme" content="light dark">',
  '<title>Crossdock</title>',
  '<script src="/auth/sign-on/landed.js"></script>',
  '',
].join('\n');

export const landingScript = `fetch('/auth/sign-on/token', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' })
  .then(async (answer) => {
    if (!answer.ok) throw new Error(String(answer.status));
    const { back, ...tokens } = await answer.json();
    localStorage.setItem('auth-tokens', JSON.stringify(tokens));
    location.replace(back);
  })
  .catch(() => location.replace('/tower#sign-on=SIGN_ON_STATE'));
`;

export const landingPolicy =
  "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'";
