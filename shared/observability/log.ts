/** Logs: one JSON object a line, or coloured text for eyes. */
import { type Logger, pino } from 'pino';
import type { Environment } from '../../config/environment.js';
import { isId } from '../messaging/message-id.js';
import { traceIdOf } from '../messaging/trace-context.js';
import { withoutMailAddresses } from './mail-addresses.js';

export type { Logger } from 'pino';

/** Fields that may hold what nobody may read; their values never reach a line, or an operator. */
export const SECRET_FIELDS: readonly string[] = [
  'paymentToken',
  'token',
  'sealedToken',
  'authorization',
  'customer',
  'shippingAddress',
  'address',
  'email',
  'recipient',
];
export const SECRET = '[secret]';
const SECRETS = [...SECRET_FIELDS.flatMap((name) => [name, `*.${name}`]), 'req.headers.authorization'];

/** @param process the worker's name, or `web`; on every line as `worker` */
export function createLogger(
  { logLevel, logFormat }: Pick<Environment, 'logLevel' | 'logFormat'>,
  process: string,
): Logger {
  return pino({
    level: logLevel,
    base: { worker: process },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (level) => ({ level }), log: withTrace },
    serializers: { err: errorOf },
    redact: { paths: SECRETS, censor: SECRET },
    ...(logFormat === 'pretty'
      ? {
          transport: {
            target: 'pino-pretty',
            options: {
              colorize: true,
              ignore: 'pid,hostname,worker',
              translateTime: 'SYS:HH:MM:ss.l',
              singleLine: true,
            },
          },
        }
      : {}),
  });
}

/** What an error may tell besides its message and stack. PostgreSQL's `detail` repeats whole rows, a mail server's answer its recipients. */
const TOLD = [
  'type',
  'message',
  'stack',
  'code',
  'command',
  'responseCode',
  'severity',
  'table',
  'column',
  'constraint',
];

/** An error as lines have it, with what caused it. */
export function errorOf(error: Error): Record<string, unknown> {
  const whole: Readonly<Record<string, unknown>> = pino.stdSerializers.err(error);
  return Object.fromEntries(
    TOLD.flatMap((name) => {
      const value = whole[name];
      return value === undefined ? [] : [[name, typeof value === 'string' ? withoutMailAddresses(value) : value]];
    }),
  );
}

/** What is told of an order is told with its trace, unless the line knows better: a message that was sent anew has its own. */
export function withTrace(fields: Record<string, unknown>): Record<string, unknown> {
  const { orderId, traceId } = fields;
  return typeof orderId === 'string' && isId(orderId) && traceId === undefined
    ? { ...fields, traceId: traceIdOf(orderId) }
    : fields;
}
