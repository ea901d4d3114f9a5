/** The choice of the language, in each language's own name. */
import { html, type View } from './kit/html.ts';
import { choose, languages, t, useLanguage, type Language } from './kit/text.ts';

const ownName = (language: Language): string =>
  new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;

export function LanguageChoice(): View {
  const chosen = useLanguage();
  const change = (event: Event): void => choose((event.currentTarget as HTMLSelectElement).value as Language);
  return html`<label class="language">
    <span class="unseen">${t('shell.language')}</span>
    <select value=${chosen} onChange=${change}>
      ${languages.map(
        (language) =>
          html`<option key=${language} value=${language} lang=${language}>${ownName(language)}</option>`,
      )}
    </select>
  </label>`;
}
