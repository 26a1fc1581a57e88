/** What a process is told by its environment, and what was found out by trying. */

export interface Settings {
  readonly databaseUrl: string;
  readonly rabbitmqUrl: string;
  readonly host: string;
  readonly paymentUrl: string;
  readonly paymentKey: string;
  readonly carrierUrl: string;
  readonly carrierKey: string;
  readonly smtpUrl: string;
  readonly mailFrom: string;
  readonly logLevel: string;
}

/** @throws {Error} naming the first variable that is missing */
export function readSettings(environment: NodeJS.ProcessEnv = process.env): Settings {
  const variable = (name: string): string => {
    const value = environment[name];
    if (!value) throw new Error(`${name} is not set`);
    return value;
  };
  return {
    databaseUrl: variable('DATABASE_URL'),
    rabbitmqUrl: variable('RABBITMQ_URL'),
    host: variable('HOST'),
    paymentUrl: variable('PAYMENT_URL'),
    paymentKey: variable('PAYMENT_API_KEY'),
    carrierUrl: variable('CARRIER_URL'),
    carrierKey: variable('CARRIER_API_KEY'),
    smtpUrl: variable('SMTP_URL'),
    mailFrom: variable('MAIL_FROM'),
    logLevel: variable('LOG_LEVEL'),
  };
}

/** Messages a worker holds unacked, each with its own transaction as soon as a connection is free. */
export const PREFETCH = Number(process.env['PEER_PREFETCH'] ?? 50);
/** Connections of a process to PostgreSQL at most: so many transactions run at once. */
export const POOL_SIZE = Number(process.env['PEER_CONNECTION_LIMIT'] ?? 10);
