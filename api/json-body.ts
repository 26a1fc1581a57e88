/** Reads bodies: JSON in UTF-8 and nothing else. */
import { isUtf8 } from 'node:buffer';
import { Problem } from './problem.js';
import type { App } from './type-provider.js';

/** Replaces Fastify's parsers. An empty body is none, so that a request without fields needs no `{}`. */
export function acceptJsonOnly(app: App): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser<Buffer>('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const encoding = request.headers['content-encoding'];
    if (encoding !== undefined && encoding !== 'identity')
      return done(new Problem('request.media-type', 'Send the body uncompressed.'));
    if (body.length === 0) return done(null, undefined);
    // JavaScript would silently put U+FFFD in the place of what is not UTF-8.
    if (!isUtf8(body)) return done(new Problem('request.malformed', 'The body is not UTF-8.'));
    return parse(request, body.toString('utf8'), done);
  });
}
