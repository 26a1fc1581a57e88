/**
 * `GET /operator/keys`; `POST /operator/storefronts/{id}/keys`: the one answer that holds a key; `POST /operator/keys/{key}/revoke`:
 * every web process refuses it within three seconds.
 */
import { v7 } from 'uuid';
import Type from '../../../shared/messaging/typebox.js';
import { oneLine, Uuid } from '../../one-line-text.js';
import { pageFrom, pageOf, pageQuery } from '../../page.js';
import { Problem } from '../../problem.js';
import { SCOPES } from '../../storefronts/key.js';
import { createKey, revokeKey } from '../../storefronts/stored-keys.js';
import type { App } from '../../type-provider.js';
import { change, Reason, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { type KeyView, keyNamed, listKeys } from './key-view.js';

const Query = Type.Object({ ...pageQuery, storefront: Type.Optional(Uuid) }, { additionalProperties: false });
const StorefrontId = Type.Object({ id: Uuid });
const KeyNamed = Type.Object({ key: oneLine(64) });
const KeyBody = Type.Object(
  {
    reason: Reason,
    scopes: Type.Array(Type.Enum([...SCOPES]), { minItems: 1, uniqueItems: true }),
    name: Type.Optional(oneLine(100)),
  },
  { additionalProperties: false },
);
const THING = 'api-key';

/** What is answered to who made a key, once. */
export interface KeyMade extends KeyView {
  readonly key: string;
}

export function keyRoutes(app: App, { database, keyMode: mode }: Operating): void {
  app.get('/operator/keys', { schema: { querystring: Query } }, async ({ query }) => {
    const { limit, after } = pageOf(query);
    return pageFrom(await listKeys(database, { storefrontId: query.storefront, after, limit: limit + 1 }), limit);
  });

  app.post(
    '/operator/storefronts/:id/keys',
    { schema: { params: StorefrontId, body: KeyBody } },
    async (request, reply): Promise<KeyMade> => {
      const { reason, scopes, name } = request.body;
      const id = v7();
      const noted = { action: 'create', thing: THING, thingId: id, reason, details: detailsOf };
      const made = await change(database, request, noted, async (transaction) => {
        const { key } = await createKey(transaction, { id, storefrontId: request.params.id, mode, scopes, name });
        return { ...(await keyNamed(transaction, id)), key };
      });
      reply.code(201).header('cache-control', 'no-store');
      return made;
    },
  );

  app.post(
    '/operator/keys/:key/revoke',
    { schema: { params: KeyNamed, body: ReasonBody } },
    async (request): Promise<KeyView> => {
      const { id } = await keyNamed(database, request.params.key);
      const noted = { action: 'revoke', thing: THING, thingId: id, ...request.body, details: detailsOf };
      return change(database, request, noted, async (transaction) => {
        const revoked = await revokeKey(transaction, id);
        const key = await keyNamed(transaction, id);
        if (revoked) return key;
        throw new Problem('api-key.revoked', `The key was revoked at ${key.revokedAt?.toISOString()}.`);
      });
    },
  );
}

/** What the note of a change tells: never the key. */
const detailsOf = ({ prefix, mode, scopes, storefrontId, storefront }: KeyView) => ({
  prefix,
  mode,
  scopes,
  storefrontId,
  storefront,
});
