/** What the scheduler is told: how long what only grows is kept, and whom to tell of what somebody has to look at. */
import { EnvironmentFaults, orNone, url, wholeNumber, words } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { mail } from './alerts/mail.js';
import type { Receiver } from './alerts/receiver.js';
import { AlertSettings } from './alerts/settings.js';
import { webhook } from './alerts/webhook.js';
import { Retention } from './retention.js';

const TEN_YEARS = 3660;
const DAY_S = 86_400;

export const composition = compose({
  variables: {
    eventLogDays: wholeNumber(
      {
        names: ['EVENT_LOG_DAYS'],
        fallback: '400',
        meaning: 'days that messages are kept in the event log, which timelines and replays read',
      },
      7,
      TEN_YEARS,
    ),
    inboxDays: wholeNumber(
      {
        names: ['INBOX_DAYS'],
        fallback: '60',
        meaning: 'days that the inbox knows a message again; a copy that comes later is handled once more',
      },
      7,
      TEN_YEARS,
    ),
    webhookUrl: orNone(
      url({ names: ['ALERT_WEBHOOK_URL'], meaning: 'gets alerts as JSON by POST' }, ['http', 'https']),
    ),
    mailTo: orNone(words({ names: ['ALERT_EMAIL'], meaning: 'gets alerts by mail; addresses separated by commas' })),
    smtpUrl: orNone(
      url({ names: ['ALERT_SMTP_URL', 'SMTP_URL'], meaning: 'mail server for alerts' }, ['smtp', 'smtps']),
    ),
    mailFrom: orNone(words({ names: ['ALERT_FROM', 'MAIL_FROM'], meaning: 'the sender of alerts by mail' })),
    lagS: wholeNumber(
      {
        names: ['ALERT_LAG_S'],
        fallback: '300',
        meaning: 'an alert is raised when a message has waited so long for a worker, in seconds',
      },
      1,
      7 * DAY_S,
    ),
    outboxS: wholeNumber(
      {
        names: ['ALERT_OUTBOX_S'],
        fallback: '120',
        meaning: 'an alert is raised when a message has stood in the outbox for so long, in seconds',
      },
      1,
      7 * DAY_S,
    ),
    repeatS: wholeNumber(
      {
        names: ['ALERT_REPEAT_S'],
        fallback: '14400',
        meaning: 'an alert that stands is told again after so long, in seconds',
      },
      60,
      30 * DAY_S,
    ),
  },
  register(container, { eventLogDays, inboxDays, lagS, outboxS, repeatS, ...receivers }) {
    container.registerInstance<Retention>(Retention, { eventLogDays, inboxDays });
    container.registerInstance<AlertSettings>(AlertSettings, {
      thresholds: { lagS, outboxS },
      receivers: receiversOf(receivers),
      repeatMs: repeatS * 1000,
    });
  },
});

interface ReceiverSettings {
  readonly webhookUrl: string | undefined;
  readonly mailTo: string | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string | undefined;
}

/** @throws {EnvironmentFaults} when mail is wished for and there is nothing to send it by */
function receiversOf({ webhookUrl, mailTo, smtpUrl, mailFrom }: ReceiverSettings): Receiver[] {
  const receivers: Receiver[] = webhookUrl === undefined ? [] : [webhook(webhookUrl)];
  if (mailTo === undefined) return receivers;
  if (smtpUrl === undefined || mailFrom === undefined) {
    throw new EnvironmentFaults([
      'ALERT_EMAIL needs SMTP_URL and MAIL_FROM, or ALERT_SMTP_URL and ALERT_FROM, to be set',
    ]);
  }
  return [...receivers, mail({ url: smtpUrl, from: mailFrom, to: mailTo })];
}
