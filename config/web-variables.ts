/** Environment variables of web: those that it alone reads, and with them all that it reads. */
import { RABBITMQ_TLS, variablesOf } from './environment.js';
import { paymentDeadlineS, webhooksAllowInside } from './process-variables.js';
import { serverUrl, serverUrls } from './server-url.js';
import { addressRanges, oneOf, orNone, urlTemplate, wholeNumber } from './variable.js';

/** Where in TRACE_VIEWER_URL the id goes. */
export const TRACE_ID_PLACE = '{traceId}';

export const webVariables = {
  port: wholeNumber({ names: ['PORT'], fallback: '8080', meaning: 'HTTP port of the intake' }, 0, 65_535),
  rabbitmqManagementUrl: orNone(
    serverUrl(
      {
        names: ['RABBITMQ_MANAGEMENT_URL'],
        meaning: 'management API of RabbitMQ, with user and password; web compares what is live with what is declared',
      },
      ['http', 'https'],
      RABBITMQ_TLS,
    ),
  ),
  rabbitmqTopologyUrls: orNone(
    serverUrls(
      {
        names: ['RABBITMQ_TOPOLOGY_URL'],
        meaning: 'RabbitMQ as a user who may change exchanges and queues, for warren topology apply by web',
      },
      ['amqp', 'amqps'],
      RABBITMQ_TLS,
    ),
  ),
  traceViewerUrl: orNone(
    urlTemplate(
      {
        names: ['TRACE_VIEWER_URL'],
        meaning: 'page that shows a trace, with {traceId} where its id goes; console and CLI link to it',
      },
      ['http', 'https'],
      TRACE_ID_PLACE,
    ),
  ),
  requestsLimit: wholeNumber(
    {
      names: ['REQUESTS_LIMIT'],
      fallback: '1000',
      meaning: 'requests that web has under way at most, those that read and those that change something each',
    },
    1,
    100_000,
  ),
  apiReference: oneOf(
    {
      names: ['API_REFERENCE'],
      fallback: 'open',
      meaning: 'whether web shows /docs, /openapi.json and /asyncapi.json to whoever asks',
    },
    ['open', 'off'],
  ),
  outboxLimit: wholeNumber(
    {
      names: ['OUTBOX_LIMIT'],
      fallback: '500000',
      meaning: 'messages in the outbox beyond which web takes no order',
    },
    1,
    100_000_000,
  ),
  trustedProxies: addressRanges({
    names: ['TRUSTED_PROXIES'],
    meaning: 'proxies whose X-Forwarded-For is believed; without any, a request comes from whoever connects',
  }),
  rateLimitKey: wholeNumber(
    {
      names: ['RATE_LIMIT_KEY'],
      fallback: '300000',
      meaning: 'requests a minute with one key of a storefront; 0 for as many as come',
    },
    0,
    100_000_000,
  ),
  rateLimitAddress: wholeNumber(
    {
      names: ['RATE_LIMIT_ADDRESS'],
      fallback: '300000',
      meaning: 'requests a minute from one address, or one /64 of IPv6; 0 for as many as come',
    },
    0,
    100_000_000,
  ),
  rateLimitFailures: wholeNumber(
    {
      names: ['RATE_LIMIT_FAILURES'],
      fallback: '600',
      meaning:
        'requests a minute from one address without a valid key, beyond which it has no further key looked up; 0 for no limit',
    },
    0,
    100_000_000,
  ),
};

const { redisUrl, ...needed } = variablesOf('web');

/** All that web reads. */
export const variablesOfWeb = {
  ...needed,
  ...webVariables,
  // Only rates across processes need Redis.
  redisUrl: orNone(redisUrl),
  paymentDeadlineS,
  webhooksAllowInside,
};
