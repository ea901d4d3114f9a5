/** Tells the hub that somebody is here, and warns before a login ends without use. */
import { get } from './kit/api.ts';
import { html, useEffect, useState, type View } from './kit/html.ts';
import { useMe } from './kit/session.ts';
import { t } from './kit/text.ts';

/** Shared with the other pages of this browser: the login is one. */
const place = 'crossdock-used';
const tellMs = 60_000;
const warnMs = 60_000;
const lookMs = 5000;

const used = (): number => Number(localStorage.getItem(place) ?? 0);

export function Idle(): View {
  const me = useMe();
  const [soon, setSoon] = useState(false);
  useEffect(() => {
    if (!me) return undefined;
    let told = Date.now();
    localStorage.setItem(place, String(told));
    const here = (): void => {
      const now = Date.now();
      localStorage.setItem(place, String(now));
      setSoon(false);
      if (now - told < tellMs) return;
      told = now;
      void get('/me').catch(() => {});
    };
    const check = (): void => {
      const left = me.idleSeconds * 1000 - (Date.now() - used());
      setSoon(left > 0 && left < warnMs);
    };
    const timer = setInterval(check, lookMs);
    for (const event of ['keydown', 'pointerdown']) addEventListener(event, here);
    return () => {
      clearInterval(timer);
      for (const event of ['keydown', 'pointerdown']) removeEventListener(event, here);
    };
  }, [me]);
  return html`${soon && html`<p class="notice idle" role="alert">${t('shell.idle')}</p>`}
  ${me && me.meet.length > 0 && html`<p class="notice" role="alert">${t('shell.meet', { rules: me.meet.join(', ') })}</p>`}`;
}
