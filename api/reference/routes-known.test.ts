import { expect } from 'chai';
import { methodsAt } from './routes-known.js';

const routes = (
  [
    ['GET', '/orders/:id'],
    ['HEAD', '/orders/:id'],
    ['POST', '/orders/:id/cancel'],
    ['GET', '/docs/*'],
  ] as const
).map(([method, path]) => ({ method, path, schema: {} }));

describe('the methods of a path', () => {
  for (const [url, methods] of [
    ['/orders/1', ['GET', 'HEAD']],
    ['/orders/1?a=b', ['GET', 'HEAD']],
    ['/orders/', []],
    ['/orders/1/cancel', ['POST']],
    ['/orders/1/cancel/now', []],
    ['/docs/a/b', ['GET']],
    ['/docs', []],
    ['*', []],
  ] as const) {
    it(`are ${methods.join(', ') || 'none'} at ${url}`, () => {
      expect(methodsAt(routes, url)).to.deep.equal(methods);
    });
  }
});
