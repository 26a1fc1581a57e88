/** Where `npm run audit` finds each kind of evidence. A provider of your own is plugged in here: see docs/audit.md. */
import type { Sources } from '../../audit/evidence.js';
import { leftOut, once, unreached } from '../../audit/no-evidence.js';
import { brokerState } from '../../audit/sources/broker-state.js';
import { sinkMails } from '../../audit/sources/mail-box.js';
import { requestsIn } from '../../audit/sources/request-log.js';
import { sandboxBooks } from '../../audit/sources/sandbox-provider.js';
import { redisContents } from '../../shared/redis/contents.js';
import type { AuditEnvironment, AuditOptions, SourceName } from './options.js';

/** @param resolve makes of a file as it was given one that can be opened */
export function sourcesOf(
  given: AuditOptions,
  environment: AuditEnvironment,
  resolve: (path: string) => string,
): Sources {
  const { paymentUrl, carrierUrl, mailSinkUrl } = environment;
  const unless = <T>(name: SourceName, read: () => Promise<T>): (() => Promise<T>) =>
    given.without.includes(name) ? leftOut(`--without ${name}`) : once(read);
  return {
    provider: unless(
      'provider',
      paymentUrl === undefined
        ? unreached('PAYMENT_URL is not set; --without provider leaves it out')
        : () => sandboxBooks([paymentUrl, carrierUrl ?? paymentUrl]),
    ),
    mail: unless(
      'mail',
      mailSinkUrl === undefined
        ? unreached('MAIL_SINK_URL is not set; --without mail leaves it out')
        : () => sinkMails(mailSinkUrl),
    ),
    broker: unless('broker', lookAtBroker(environment)),
    requests: requestsOf(given.requests, resolve),
    secrets: secretsOf(given, environment, resolve),
  };
}

/** A fresh look each time. */
export function lookAtBroker({ rabbitmqManagementUrl, rabbitmqUrls }: AuditEnvironment): Sources['broker'] {
  const [url] = rabbitmqUrls ?? [];
  if (rabbitmqManagementUrl === undefined || url === undefined) {
    return unreached('RABBITMQ_MANAGEMENT_URL or RABBITMQ_URL is not set; --without broker leaves it out');
  }
  return () => brokerState(rabbitmqManagementUrl, url);
}

function requestsOf(paths: readonly string[], resolve: (path: string) => string): Sources['requests'] {
  if (paths.length === 0) return leftOut('no log of a load run is given: --requests FILE');
  return once(async () => (await Promise.all(paths.map((path) => requestsIn(resolve(path))))).flat());
}

function secretsOf(
  { secrets, logs }: AuditOptions,
  { paymentApiKey, carrierApiKey, redisUrl }: AuditEnvironment,
  resolve: (path: string) => string,
): Sources['secrets'] {
  const [first, ...rest] = new Set([...secrets, ...[paymentApiKey, carrierApiKey].filter((key) => key !== undefined)]);
  if (first === undefined) return leftOut('no secret is given: --secret VALUE');
  return async () => ({
    secrets: [first, ...rest],
    logs: logs.length === 0 ? undefined : logs.map(resolve),
    redis: redisUrl === undefined ? undefined : () => redisContents(redisUrl),
  });
}
