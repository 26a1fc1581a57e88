/**
 * `GET` and `POST /operator/storefronts`; `POST /operator/storefronts/{id}/rename`, `…/disable` and `…/enable`: no key of a
 * disabled storefront is let in, and its orders go on.
 */
import type { FastifyRequest } from 'fastify';
import { v7 } from 'uuid';
import Type from '../../../shared/messaging/typebox.js';
import type { Transaction } from '../../../shared/postgres/database.js';
import { oneLine, Uuid } from '../../one-line-text.js';
import { pageFrom, pageOf, pageQuery } from '../../page.js';
import { Problem } from '../../problem.js';
import { addStorefront } from '../../storefronts/storefront.js';
import type { App } from '../../type-provider.js';
import { change, Reason, ReasonBody } from '../change.js';
import type { Operating } from '../operating.js';
import { listStorefronts, lockStorefront, type StorefrontView } from './storefront-view.js';

const Query = Type.Object(pageQuery, { additionalProperties: false });
const StorefrontId = Type.Object({ id: Uuid });
const NameBody = Type.Object({ reason: Reason, name: oneLine(200) }, { additionalProperties: false });
const THING = 'storefront';

export function storefrontRoutes(app: App, { database }: Operating): void {
  app.get('/operator/storefronts', { schema: { querystring: Query } }, async ({ query }) => {
    const { limit, after } = pageOf(query);
    return pageFrom(await listStorefronts(database, { after, limit: limit + 1 }), limit);
  });

  app.post('/operator/storefronts', { schema: { body: NameBody } }, async (request, reply) => {
    const { name, reason } = request.body;
    const id = v7();
    const noted = { action: 'create', thing: THING, thingId: id, reason, details: () => ({ name }) };
    const made = await change(database, request, noted, async (transaction) => {
      await addStorefront(transaction, { id, name });
      return lockStorefront(transaction, id);
    });
    reply.code(201);
    return made;
  });

  /** What it is after the change. @param work is given what it was before */
  const set = (
    request: Pick<FastifyRequest, 'getDecorator'>,
    { id, ...noted }: { readonly id: string; readonly action: string; readonly reason: string },
    work: (transaction: Transaction, before: StorefrontView) => Promise<void>,
  ): Promise<StorefrontView> =>
    change(
      database,
      request,
      { ...noted, thing: THING, thingId: id, details: ({ name }) => ({ name }) },
      async (transaction) => {
        await work(transaction, await lockStorefront(transaction, id));
        return lockStorefront(transaction, id);
      },
    );

  app.post(
    '/operator/storefronts/:id/rename',
    { schema: { params: StorefrontId, body: NameBody } },
    async (request) => {
      const { id } = request.params;
      const { name, reason } = request.body;
      return set(request, { id, action: 'rename', reason }, async (transaction) => {
        await transaction.query({ text: 'update storefronts set name = $2 where id = $1', values: [id, name] });
      });
    },
  );

  app.post(
    '/operator/storefronts/:id/disable',
    { schema: { params: StorefrontId, body: ReasonBody } },
    async (request) => {
      const { id } = request.params;
      return set(request, { id, action: 'disable', ...request.body }, async (transaction, { name, disabledAt }) => {
        if (disabledAt !== null) throw new Problem('storefront.disabled', `${name} is disabled already.`);
        await transaction.query({ text: 'update storefronts set revoked_at = now() where id = $1', values: [id] });
      });
    },
  );

  app.post(
    '/operator/storefronts/:id/enable',
    { schema: { params: StorefrontId, body: ReasonBody } },
    async (request) => {
      const { id } = request.params;
      return set(request, { id, action: 'enable', ...request.body }, async (transaction, { name, disabledAt }) => {
        if (disabledAt === null) throw new Problem('storefront.not-disabled', `${name} is not disabled.`);
        await transaction.query({ text: 'update storefronts set revoked_at = null where id = $1', values: [id] });
      });
    },
  );
}
