/** Reads bodies: JSON in UTF-8 that says everything once, and nothing else. */
import { isUtf8 } from 'node:buffer';
import { Problem } from './problem.js';
import { repeatedMember } from './repeated-member.js';
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
    const json = body.toString('utf8');
    return parse(request, json, (error, value) => {
      if (error !== null) return done(error);
      const pointer = repeatedMember(json);
      return pointer === undefined ? done(null, value) : done(repeated(pointer));
    });
  });
}

/** Two readers would take the same text for two requests: one by the first member of that name, one by the last. */
const repeated = (pointer: string): Problem =>
  new Problem('request.malformed', 'See "errors" for what the body says more than once.', {
    faults: [{ pointer, detail: 'is there more than once' }],
  });
