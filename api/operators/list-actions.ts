/** `GET /operator/actions`: who changed what, when and why, the newest first. `GET /operator/me`: who asks. */
import Type from '../../shared/messaging/typebox.js';
import type { Database } from '../../shared/postgres/database.js';
import { oneLine } from '../one-line-text.js';
import { pageFrom, pageOf, pageQuery } from '../page.js';
import type { App } from '../type-provider.js';
import { listActions } from './actions.js';
import { operatorOf } from './authentication.js';

const Query = Type.Object(
  { ...pageQuery, thing: Type.Optional(oneLine(64)), thingId: Type.Optional(oneLine(64)) },
  { additionalProperties: false },
);

export function actionRoutes(app: App, database: Database): void {
  app.get('/operator/actions', { schema: { querystring: Query } }, async ({ query }) => {
    const { limit, after } = pageOf(query);
    return pageFrom(await listActions(database, query, { before: after, limit: limit + 1 }), limit);
  });
  app.get('/operator/me', async (request) => operatorOf(request));
}
