/** How long a request waited because it wanted to, which says nothing of how fast we are. */
import type { FastifyRequest } from 'fastify';
import type { App } from './type-provider.js';

const DECORATOR = 'waitedMs';

/** Once for the whole app, before the routes. */
export function prepareWaits(app: App): void {
  app.decorateRequest(DECORATOR, 0);
}

export const noteWait = (request: Pick<FastifyRequest, 'setDecorator'>, ms: number): void =>
  request.setDecorator(DECORATOR, ms);

/** In milliseconds. */
export const waitOf = (request: Pick<FastifyRequest, 'getDecorator'>): number =>
  request.getDecorator<number>(DECORATOR);
