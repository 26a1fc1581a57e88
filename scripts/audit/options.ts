/** What `npm run audit` is told, by its command line and by the environment. */
import { variables as fleet } from '../../config/environment.js';
import { orNone, type Parsed, url, type Variable, wholeNumber, words } from '../../config/variable.js';
import { flag, texts } from '../command-line.js';

const SOURCES = ['provider', 'broker', 'mail'] as const;
export type SourceName = (typeof SOURCES)[number];

export const options = {
  waitS: wholeNumber(
    { names: ['--wait'], fallback: '30', meaning: 'wait up to so many seconds for the fleet to be quiet' },
    0,
    86_400,
  ),
  live: flag(
    '--live',
    'do not wait; check only what holds while the fleet is at work, and orders at their end for 10 min',
  ),
  without: list('--without', `leave out sources: ${SOURCES.join(', ')}`, SOURCES),
  since: time(
    '--since',
    'orders and messages since then, such as 2026-11-21T10:00Z (default six days ago: what is older may be forgotten)',
  ),
  requests: texts('--requests', 'files that npm run load -- --log FILE wrote, to check what the runs were told'),
  expectedDeadLetters: texts(
    '--expect-dead-letters',
    'codes of dead letters that are meant to be there, such as message.not-json',
  ),
  secrets: texts('--secret', 'secrets to look for, besides the API keys of the environment'),
  logs: texts('--log', 'log files in which no secret may stand'),
  shown: wholeNumber({ names: ['--show'], fallback: '10', meaning: 'violations named for each check' }, 1, 1_000_000),
  json: flag('--json', 'print the verdicts as one JSON object on the last line'),
  help: flag('--help', 'this text'),
};
export type AuditOptions = Parsed<typeof options>;

/** Where the evidence is. All but the database may be missing: then what needs it is not checked, and said so. */
export const auditVariables = {
  databaseUrl: fleet.databaseUrl,
  databaseConnections: fleet.databaseConnections,
  rabbitmqUrls: orNone(fleet.rabbitmqUrls),
  rabbitmqManagementUrl: orNone(
    url({ names: ['RABBITMQ_MANAGEMENT_URL'], meaning: "the broker's management API, with user and password" }, [
      'http',
      'https',
    ]),
  ),
  redisUrl: orNone(fleet.redisUrl),
  encryptionKeys: orNone({ ...fleet.encryptionKeys, meaning: 'opens the addresses that mails have to go to' }),
  paymentUrl: orNone(
    url({ names: ['PAYMENT_URL'], meaning: 'the payment provider, of which the ledger is read' }, ['http', 'https']),
  ),
  carrierUrl: orNone(
    url({ names: ['CARRIER_URL'], meaning: 'the carrier, of which the ledger is read' }, ['http', 'https']),
  ),
  mailSinkUrl: orNone(
    url({ names: ['MAIL_SINK_URL'], meaning: 'the mail sink, of which the mails are listed' }, ['http', 'https']),
  ),
  paymentApiKey: orNone(words({ names: ['PAYMENT_API_KEY'], meaning: 'a secret to look for' })),
  carrierApiKey: orNone(words({ names: ['CARRIER_API_KEY'], meaning: 'a secret to look for' })),
};
export type AuditEnvironment = Parsed<typeof auditVariables>;

function list<const V extends string>(name: string, meaning: string, values: readonly V[]): Variable<readonly V[]> {
  return {
    ...texts(name, meaning),
    expects: `some of ${values.join(', ')}, separated by commas`,
    parse: (value) =>
      texts(name, meaning)
        .parse(value)
        .map((text) => {
          const found = values.find((one) => one === text.trim());
          if (found === undefined) throw new RangeError();
          return found;
        }),
  };
}

function time(name: string, meaning: string): Variable<Date | undefined> {
  const variable = words({ names: [name], meaning });
  return orNone({
    ...variable,
    expects: 'a time as ISO 8601 writes it',
    parse: (value) => {
      const parsed = new Date(value);
      if (Number.isNaN(parsed.getTime())) throw new RangeError();
      return parsed;
    },
  });
}
