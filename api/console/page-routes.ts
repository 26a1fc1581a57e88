/** `GET /console` and `GET /console/*`: the page, and the files that it loads. No key is needed: there is nothing in them. */
import { Problem } from '../problem.js';
import type { App } from '../type-provider.js';
import { consoleFiles } from './files.js';
import { HEADERS, PAGE } from './page.js';

export function pageRoutes(app: App): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(HEADERS);
  });
  app.get('/console', async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  app.get('/console/*', async (request, reply) => {
    const file = (await consoleFiles()).get(request.url.replace(/\?.*$/, ''));
    if (file === undefined) throw new Problem('route.not-found', 'The console has no such file.');
    reply.header('etag', file.etag);
    if (request.headers['if-none-match'] === file.etag) return reply.code(304).send();
    return reply.type(file.type).send(file.body);
  });
}
