/** What webhooks is told: how patient it is with endpoints, and how long it keeps the log. */
import { webhooksAllowInside } from '../../config/process-variables.js';
import { wholeNumber } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { resolveByDns } from '../../shared/http/outside-address.js';
import { attempts } from './attempt.js';
import { Audience } from './audience.js';
import { WebhookSettings } from './settings.js';

const HOUR_MS = 3_600_000;

export const composition = compose({
  variables: {
    allowInside: webhooksAllowInside,
    timeoutMs: wholeNumber(
      { names: ['WEBHOOKS_TIMEOUT_MS'], fallback: '15000', meaning: 'how long an endpoint may take, in milliseconds' },
      100,
      60_000,
    ),
    atOnce: wholeNumber(
      {
        names: ['WEBHOOKS_AT_ONCE'],
        fallback: '64',
        meaning: 'attempts that a process has under way at once; a quarter is for endpoints that fail',
      },
      4,
      1000,
    ),
    disableAfterHours: wholeNumber(
      {
        names: ['WEBHOOKS_DISABLE_AFTER_H'],
        fallback: '120',
        meaning: 'an endpoint that has failed for so long without a success is disabled, in hours',
      },
      1,
      30 * 24,
    ),
    keepDays: wholeNumber(
      {
        names: ['WEBHOOKS_LOG_DAYS'],
        fallback: '30',
        meaning: 'days that deliveries are kept, to be seen and replayed',
      },
      3,
      400,
    ),
  },
  register(container, { allowInside, timeoutMs, atOnce, disableAfterHours, keepDays }) {
    container.registerInstance(Audience, new Audience());
    container.registerInstance<WebhookSettings>(WebhookSettings, {
      attempts: attempts({ timeoutMs, resolve: resolveByDns, allowInside: allowInside === '1' }),
      atOnce,
      timeoutMs,
      disableAfterMs: disableAfterHours * HOUR_MS,
      keepDays,
    });
  },
});
