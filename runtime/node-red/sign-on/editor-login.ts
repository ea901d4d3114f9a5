/** What the editor's own dialog offers where sign-on is set: one button. The page it leads to knows the rest. */
import type { RequestHandler } from 'express';
import { createRequire } from 'node:module';

const label: Record<string, string> = { en: 'Log in with single sign-on', de: 'Mit Single Sign-on anmelden' };

const nodeRed = createRequire(createRequire(import.meta.url).resolve('node-red'));
const theme = nodeRed('@node-red/editor-api/lib/editor/theme.js') as {
  context(): Promise<{ login?: { image?: string } }>;
};

export const editorLogin: RequestHandler = (request, response, next) => {
  const language = request.acceptsLanguages('en', 'de') || 'en';
  theme.context().then(({ login }) => {
    response.json({
      type: 'strategy',
      prompts: [{ type: 'button', label: label[language], url: '/auth/sign-on?return=%2F' }],
      ...(login?.image && { image: login.image }),
    });
  }, next);
};
