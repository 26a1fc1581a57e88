/** Every refusal carries a code of one catalogue, which callers branch on, and is answered as RFC 9457 problem details. */
const catalogue = {
  'request.malformed': { status: 400, title: 'The request cannot be read' },
  'request.idempotency-key': { status: 400, title: 'An Idempotency-Key is needed' },
  'request.unauthenticated': { status: 401, title: 'The API key is missing or not valid' },
  'route.method': { status: 405, title: 'The path has other methods' },
  'request.timeout': { status: 408, title: 'The request did not arrive in time' },
  'request.rate-limited': { status: 429, title: 'Too many requests' },
  'request.headers-too-large': { status: 431, title: 'The headers are too large' },
  'request.expectation': { status: 417, title: 'The expectation cannot be met' },
  'request.too-large': { status: 413, title: 'The body is too large' },
  'request.media-type': { status: 415, title: 'The body must be JSON' },
  'request.invalid': { status: 422, title: 'The request does not fit' },
  'request.idempotency-key-reused': { status: 422, title: 'The Idempotency-Key was used for another request' },
  'request.idempotency-key-in-flight': { status: 409, title: 'A request with this Idempotency-Key is under way' },
  'request.scope': { status: 403, title: 'The API key is not allowed to do this' },
  'route.not-found': { status: 404, title: 'There is nothing here' },
  'operator.csrf': { status: 403, title: 'The change does not come from the console' },
  'operator.forbidden': { status: 403, title: 'The role does not allow it' },
  'storefront.not-found': { status: 404, title: 'There is no such storefront' },
  'storefront.disabled': { status: 409, title: 'The storefront is disabled' },
  'storefront.not-disabled': { status: 409, title: 'The storefront is not disabled' },
  'api-key.not-found': { status: 404, title: 'There is no such key' },
  'api-key.revoked': { status: 409, title: 'The key is revoked already' },
  'api-key.enough': { status: 409, title: 'The storefront has as many keys as it may have' },
  'order.not-found': { status: 404, title: 'There is no such order' },
  'order.already-shipped': { status: 409, title: 'The order has been shipped' },
  'order.too-many-streams': { status: 429, title: 'The storefront has too many streams open' },
  'order.persons-unread': { status: 503, title: 'Who ordered cannot be read at present' },
  'order.unknown-sku': { status: 422, title: 'The catalogue does not have it' },
  'order.mixed-currencies': { status: 422, title: 'An order has one currency' },
  'order.total-out-of-range': { status: 422, title: 'The total cannot be charged' },
  'order.under-way': { status: 409, title: 'The order is not at its end' },
  'order.mails-unsent': { status: 409, title: 'Its customer is still to be written to' },
  'mail.erased': { status: 409, title: 'Nobody knows any more who ordered' },
  'mail.not-sent': { status: 409, title: 'The mail was never sent' },
  'mail.outdated': { status: 409, title: 'What the mail says no longer holds' },
  'mail.resend-id-reused': { status: 409, title: 'The resendId belongs to another wish' },
  'mail.not-kept': { status: 409, title: 'What the mail was about is no longer kept' },
  'stock.not-found': { status: 404, title: 'There is no such product' },
  'webhook-endpoint.not-found': { status: 404, title: 'There is no such webhook endpoint' },
  'webhook-endpoint.url-refused': { status: 422, title: 'Webhooks cannot go there' },
  'webhook-endpoint.too-many': { status: 409, title: 'The storefront has as many endpoints as it may' },
  'webhook-endpoint.disabled': { status: 409, title: 'The webhook endpoint is disabled' },
  'webhook-delivery.not-found': { status: 404, title: 'There is no such delivery' },
  'dead-letter.not-found': { status: 404, title: 'There is no such dead letter' },
  'dead-letter.none': { status: 409, title: 'No dead letter fits' },
  'dead-letter.status': { status: 409, title: 'The letter is not open' },
  'dead-letter.handled': { status: 409, title: 'The message was handled meanwhile' },
  'dead-letter.no-id': { status: 409, title: 'The message has no usable id' },
  'dead-letter.no-order': { status: 409, title: 'The message names no order' },
  'dead-letter.unaddressed': { status: 409, title: 'The message did not come by its own name' },
  'dead-letter.unknown-type': { status: 409, title: 'This release does not know the message' },
  'dead-letter.payload': { status: 422, title: 'The payload does not fit its contract' },
  'queue.not-found': { status: 404, title: 'There is no such actor' },
  'queue.paused': { status: 409, title: 'The actor is paused already' },
  'queue.not-paused': { status: 409, title: 'The actor is not paused' },
  'topology.busy': { status: 409, title: 'Somebody else applies the topology' },
  'topology.unseen': { status: 503, title: 'The broker does not tell' },
  'redrive-job.not-found': { status: 404, title: 'There is no such job under way' },
  'replay.not-found': { status: 404, title: 'There is no such replay' },
  'replay.status': { status: 409, title: 'The replay is not where it could be changed so' },
  'intake.overloaded': { status: 503, title: 'Too much is waiting' },
  'intake.unavailable': { status: 503, title: 'Nothing can be stored at present' },
  'intake.outcome-unknown': { status: 504, title: 'It is not known whether the request was carried out' },
  internal: { status: 500, title: 'Something went wrong here' },
} as const satisfies Record<string, { readonly status: number; readonly title: string }>;

export type ProblemCode = keyof typeof catalogue;

/** What is wrong with one place of a request: a JSON pointer into the body, or the name of a parameter of path or query. */
export type Fault =
  | { readonly pointer: string; readonly detail: string }
  | { readonly parameter: string; readonly detail: string };

/** Faults named in one answer at most. */
export const FAULTS_AT_MOST = 20;

/** A refusal. Its detail is for the caller: it names what to change and holds nothing internal. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly faults: readonly Fault[];
  /** Seconds after which to try again. */
  readonly retryAfterS: number | undefined;
  constructor(
    readonly code: ProblemCode,
    detail: string,
    {
      faults = [],
      retryAfterS,
      cause,
    }: { readonly faults?: readonly Fault[]; readonly retryAfterS?: number; readonly cause?: unknown } = {},
  ) {
    super(detail, { cause });
    this.faults = faults.slice(0, FAULTS_AT_MOST);
    this.retryAfterS = retryAfterS;
  }

  get status(): number {
    return catalogue[this.code].status;
  }

  /** The members of the answer. */
  body(): Readonly<Record<string, unknown>> {
    const { status, title } = catalogue[this.code];
    return {
      type: `urn:warren:problem:${this.code}`,
      title,
      status,
      detail: this.message,
      code: this.code,
      ...(this.faults.length > 0 ? { errors: this.faults } : {}),
    };
  }
}

export const statusOf = (code: ProblemCode): number => catalogue[code].status;
export const titleOf = (code: ProblemCode): string => catalogue[code].title;

/** A name as a reference token of a JSON pointer (RFC 6901). */
export const pointerToken = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');
