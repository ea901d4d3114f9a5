/** A page that asks again gets 304 while nothing has changed. */
import { createHash } from 'node:crypto';
import type { RequestHandler } from 'express';

export const conditional: RequestHandler = (request, response, next) => {
  if (request.method !== 'GET') return next();
  const { json } = response;
  response.json = (body: unknown) => {
    if (response.statusCode !== 200) return json.call(response, body);
    const text = JSON.stringify(body) ?? 'null';
    const etag = `"${createHash('sha1').update(text).digest('base64url')}"`;
    response.setHeader('ETag', etag);
    if (request.headers['if-none-match'] === etag) return response.status(304).end();
    return response.type('json').send(text);
  };
  next();
};
