/** What every refusal looks like: RFC 9457, as `api/problem.ts` writes it. */
import type { Json } from './components.js';

const fault = (place: string, description: string): Json => ({
  type: 'object',
  required: [place, 'detail'],
  properties: { [place]: { type: 'string', description }, detail: { type: 'string' } },
  additionalProperties: false,
});

export const PROBLEM: Json = {
  type: 'object',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string', pattern: '^urn:warren:problem:[a-z.-]+$' },
    title: { type: 'string' },
    status: { type: 'integer', minimum: 400, maximum: 599 },
    detail: { type: 'string', description: 'What to change, for whoever reads it.' },
    code: { type: 'string', description: 'What to branch on.' },
    errors: {
      type: 'array',
      minItems: 1,
      maxItems: 20,
      description: 'The places at fault.',
      items: {
        anyOf: [fault('pointer', 'A JSON pointer into the body.'), fault('parameter', 'A parameter of path or query.')],
      },
    },
  },
  examples: [
    {
      type: 'urn:warren:problem:request.invalid',
      title: 'The request does not fit',
      status: 422,
      detail: 'See "errors" for what to change.',
      code: 'request.invalid',
      errors: [{ pointer: '/lines/0/quantity', detail: 'must be >= 1' }],
    },
  ],
};
