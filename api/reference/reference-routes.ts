/** `GET /openapi.json` and `GET /asyncapi.json`, and `GET /docs` to read the first in a browser. No key is needed: nothing in it is anybody's. */
import { lazily } from '../lazily.js';
import { fleetActors, fleetContracts } from '../operators/fleet.js';
import { Problem } from '../problem.js';
import { type ServedFile, sendServed, served } from '../served-file.js';
import type { App } from '../type-provider.js';
import { DOCS_HEADERS, DOCS_PAGE, docsFiles } from './page.js';
import type { RegisteredRoute } from './route-notes.js';

const PAGE = { schema: { open: true, hidden: 'it is the page that shows the reference' } };

/** @param routes all there are once the server listens */
export function referenceRoutes(app: App, routes: readonly RegisteredRoute[]): void {
  const openapi = document(async () => (await import('./openapi.js')).openApiOf(routes));
  const asyncapi = document(async () => {
    const [{ asyncApiOf }, contracts, actors] = await Promise.all([
      import('./asyncapi.js'),
      fleetContracts(),
      fleetActors(),
    ]);
    return asyncApiOf(contracts, actors);
  });
  app.addHook('onSend', async (_request, reply) => {
    reply.headers(DOCS_HEADERS);
  });
  app.get(
    '/openapi.json',
    { schema: { open: true, summary: 'This reference, as OpenAPI 3.1', gives: { 200: ['ETag'] } } },
    async (request, reply) => sendServed(request, reply, await openapi()),
  );
  app.get(
    '/asyncapi.json',
    { schema: { open: true, summary: 'The messages, as AsyncAPI 3.0', gives: { 200: ['ETag'] } } },
    async (request, reply) => sendServed(request, reply, await asyncapi()),
  );
  app.get('/docs', PAGE, (request, reply) => sendServed(request, reply, DOCS_PAGE));
  app.get('/docs/*', PAGE, async (request, reply) => {
    const file = (await docsFiles()).get(request.url.replace(/\?.*$/, ''));
    if (file === undefined) throw new Problem('route.not-found', 'The reference has no such file.');
    return sendServed(request, reply, file);
  });
}

const document = (make: () => Promise<unknown>): (() => Promise<ServedFile>) =>
  lazily(async () => served(Buffer.from(JSON.stringify(await make())), 'application/json; charset=utf-8'));
