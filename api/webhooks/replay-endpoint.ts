/** `POST /webhooks/endpoints/{id}/replay`: the webhooks of a time, so many with each request. */
import Type from '../../shared/messaging/typebox.js';
import type { StorefrontRows } from '../../shared/postgres/storefront-rows.js';
import { Time } from '../one-line-text.js';
import { cursorAt, pageOf } from '../page.js';
import { storefrontOf } from '../storefronts/authentication.js';
import { timeMs } from '../time-asked.js';
import type { App } from '../type-provider.js';
import { Status } from './delivery.js';
import { replayRange } from './delivery-rows.js';
import { EndpointPath, endpointIdOf } from './endpoint.js';
import { enabledEndpoint } from './endpoint-rows.js';

/** Deliveries that one request makes due. */
const REPLAYED_AT_ONCE = 1000;

const Range = Type.Object(
  {
    from: Time,
    until: Type.Optional(Time),
    statuses: Type.Optional(Type.Array(Status, { minItems: 1, maxItems: 3, uniqueItems: true })),
    cursor: Type.Optional(Type.String({ maxLength: 512 })),
  },
  { additionalProperties: false },
);

export function replayEndpointRoute(app: App, own: StorefrontRows): void {
  app.post(
    '/webhooks/endpoints/:id/replay',
    {
      config: { scope: 'webhooks:write' },
      schema: {
        summary: 'Deliver the webhooks of a time once more',
        description:
          'Those that failed, or what `statuses` names. While there is a `nextCursor` there is more, by `cursor`.',
        problems: ['webhook-endpoint.not-found', 'webhook-endpoint.disabled'],
        params: EndpointPath,
        body: Range,
        response: { 202: Type.Object({ replayed: Type.Integer(), nextCursor: Type.Optional(Type.String()) }) },
      },
    },
    async (request, reply) => {
      const { from, until, statuses = ['failed'], cursor } = request.body;
      const storefrontId = storefrontOf(request);
      const endpoint = endpointIdOf(request.params);
      await enabledEndpoint(own, storefrontId, endpoint);
      const { after } = pageOf({ cursor });
      const times = { from: timeOf(from, '/from'), until: until === undefined ? new Date() : timeOf(until, '/until') };
      const replayed = await replayRange(own, {
        storefrontId,
        endpoint,
        ...times,
        statuses,
        after,
        limit: REPLAYED_AT_ONCE,
      });
      request.log.info({ storefront: storefrontId, endpoint, replayed: replayed.length }, 'webhooks are replayed');
      reply.code(202);
      const last = replayed.at(-1);
      const more = last !== undefined && replayed.length === REPLAYED_AT_ONCE;
      return { replayed: replayed.length, ...(more ? { nextCursor: cursorAt(last.id) } : {}) };
    },
  );
}

/** Of the time of ids, which begins with 1970: whatever was before, nothing was told. */
const timeOf = (text: string, pointer: string): Date => new Date(Math.max(0, timeMs(text, { pointer })));
