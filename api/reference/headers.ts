/** Headers that mean something in the API, by the name that routes and the reference call them. */

interface Header {
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

const text = { type: 'string' } as const;

export const REQUEST_HEADERS = {
  'Idempotency-Key': {
    description:
      'Tells a request from its repetitions: the same key with the same body gets the same answer again, and has its effect once.',
    schema: { type: 'string', pattern: '^[\\x21-\\x7e]{1,255}$', examples: ['web-1001'] },
    required: true,
  },
  'If-None-Match': {
    description: 'ETags of versions that the caller has: if this one is among them, it is not sent again.',
    schema: { type: 'string' },
    required: false,
  },
  'Last-Event-ID': {
    description: 'The id of the last event that was received; the stream goes on after it.',
    schema: { type: 'string' },
    required: false,
  },
  Prefer: {
    description:
      '`wait=N` waits N seconds, 25 at most, for what becomes of the order; `respond-async` waits for nothing (RFC 7240).',
    schema: { type: 'string', examples: ['wait=10'] },
    required: false,
  },
} as const satisfies Record<string, Header & { readonly required: boolean }>;

export type RequestHeader = keyof typeof REQUEST_HEADERS;

export const ANSWER_HEADERS = {
  Allow: { description: 'The methods that the path has.', schema: text },
  'Content-Location': {
    description: 'Where to ask for what the answer shows.',
    schema: { type: 'string', format: 'uri-reference' },
  },
  ETag: { description: 'Tells this version from others.', schema: text },
  'Idempotency-Replayed': {
    description: 'There when the request had been carried out before; nothing was done again.',
    schema: { const: 'true' },
  },
  Link: { description: 'The first page, and the next one if there is one (RFC 8288).', schema: text },
  Location: { description: 'Where to look at what was made.', schema: { type: 'string', format: 'uri-reference' } },
  'Preference-Applied': { description: 'Which of the preferences was heeded.', schema: text },
  RateLimit: {
    description:
      'What is left of a quota, and where nothing is, seconds until something is again (draft-ietf-httpapi-ratelimit-headers).',
    schema: { type: 'string', examples: ['"key";r=41', '"key";r=0;t=3'] },
  },
  'RateLimit-Policy': {
    description: 'The quota: so many requests, which come back within so many seconds.',
    schema: { type: 'string', examples: ['"key";q=600;w=60'] },
  },
  'Retry-After': { description: 'Seconds after which to try again.', schema: { type: 'string', pattern: '^[0-9]+$' } },
  'WWW-Authenticate': { description: 'How to say who asks.', schema: text },
} as const satisfies Record<string, Header>;

export type AnswerHeader = keyof typeof ANSWER_HEADERS;
