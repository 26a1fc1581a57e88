/** Every environment variable the sandbox reads. It reads them itself: nothing of the sandbox is part of the product. */
const MAX_DELAY_MS = 600_000;

export interface ProviderEnvironment {
  port: number;
  /** Folder of the ledger. @default .local/provider */
  directory: string;
  /** Delay before each API request is carried out, 0–600000 ms. @default 0 */
  latencyMs: number;
  /** Share of API requests that fail, 0–1. @default 0 */
  errorRate: number;
  /** The only key that is let in; without it any will do. */
  paymentApiKey: string | undefined;
  carrierApiKey: string | undefined;
}

export interface MailSinkEnvironment {
  smtpPort: number;
  httpPort: number;
  /** Folder of the mails. @default .local/mail-sink */
  directory: string;
}

type Variable =
  | 'NODE_ENV'
  | 'PROVIDER_PORT'
  | 'PROVIDER_DIR'
  | 'PROVIDER_LATENCY_MS'
  | 'PROVIDER_ERROR_RATE'
  | 'PAYMENT_API_KEY'
  | 'CARRIER_API_KEY'
  | 'MAIL_SINK_SMTP_PORT'
  | 'MAIL_SINK_HTTP_PORT'
  | 'MAIL_SINK_DIR';
type Variables = Readonly<Partial<Record<Variable, string | undefined>>>;

/** @throws Error naming the variable that is wrong, or when this is not development. */
export function providerEnvironment(variables: Variables): ProviderEnvironment {
  refuseProduction(variables);
  return {
    port: numberIn(variables, 'PROVIDER_PORT', 65_535),
    directory: variables.PROVIDER_DIR || '.local/provider',
    latencyMs: numberIn(variables, 'PROVIDER_LATENCY_MS', MAX_DELAY_MS),
    errorRate: numberIn(variables, 'PROVIDER_ERROR_RATE', 1),
    paymentApiKey: variables.PAYMENT_API_KEY || undefined,
    carrierApiKey: variables.CARRIER_API_KEY || undefined,
  };
}

/** @throws Error naming the variable that is wrong, or when this is not development. */
export function mailSinkEnvironment(variables: Variables): MailSinkEnvironment {
  refuseProduction(variables);
  return {
    smtpPort: numberIn(variables, 'MAIL_SINK_SMTP_PORT', 65_535),
    httpPort: numberIn(variables, 'MAIL_SINK_HTTP_PORT', 65_535),
    directory: variables.MAIL_SINK_DIR || '.local/mail-sink',
  };
}

/** Unset counts as production, as everywhere in Warren: whoever forgets to say must not be charged by a toy. */
function refuseProduction(variables: Variables): void {
  const mode = variables.NODE_ENV;
  if (mode === 'development' || mode === 'test') return;
  throw new Error(
    `The sandbox ships nothing and charges nobody, so it starts only with NODE_ENV=development or test (it is ${mode || 'unset, which means production'}).`,
  );
}

function numberIn(variables: Variables, name: Variable, max: number): number {
  const text = variables[name] || '0';
  const value = Number(text);
  if (value >= 0 && value <= max && (max === 1 || Number.isInteger(value))) return value;
  throw new Error(`${name} must be a ${max === 1 ? '' : 'whole '}number from 0 to ${max}, not "${text}".`);
}
