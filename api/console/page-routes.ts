/** `GET /console` and `GET /console/*`: the page, and the files that it loads. No key is needed: there is nothing in them. */
import { Problem } from '../problem.js';
import { sendServed } from '../served-file.js';
import type { App } from '../type-provider.js';
import { consoleFiles } from './files.js';
import { HEADERS, PAGE } from './page.js';

const HIDDEN = { schema: { hidden: 'it is for browsers, and no part of the API' } };

export function pageRoutes(app: App): void {
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(HEADERS);
  });
  app.get('/console', HIDDEN, async (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  app.get('/console/*', HIDDEN, async (request, reply) => {
    const file = (await consoleFiles()).get(request.url.replace(/\?.*$/, ''));
    if (file === undefined) throw new Problem('route.not-found', 'The console has no such file.');
    return sendServed(request, reply, file);
  });
}
