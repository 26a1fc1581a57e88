/** Mail over SMTP, on connections that are kept. */
import { domainToASCII } from 'node:url';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import { PermanentError, TransientError } from '../../shared/actors/errors.js';
import type { Provider } from '../../shared/providers/provider.js';
import { cutShort, ProviderIll } from '../../shared/providers/provider-ill.js';
import type { Mailer, Sent } from './mailer.js';
import type { Mail } from './mails.js';
import { type Mailbox, toMime } from './mime.js';
import type { Envelope } from './smtp-session.js';
import { SmtpSessions } from './smtp-sessions.js';

const CONNECT_TIMEOUT_MS = 5_000;
/** The server is going away (RFC 5321, 3.8). */
const CLOSING = 421;

export interface SmtpMailerOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  readonly from: Mailbox;
  /** Kept open at most. */
  readonly connections: number;
  /** How long an answer may take, in milliseconds. */
  readonly timeoutMs: number;
  /** Whose server it is. */
  readonly provider: Provider;
}

export class SmtpMailer implements Mailer {
  readonly #sessions: SmtpSessions;
  readonly #provider: Provider;
  readonly #from: Mailbox;
  readonly #domain: string;

  constructor({ url, from, connections, timeoutMs, provider }: SmtpMailerOptions) {
    this.#provider = provider;
    this.#from = from;
    this.#domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    const options = {
      ...parseConnectionUrl(url),
      connectionTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
      greetingTimeout: Math.min(CONNECT_TIMEOUT_MS, timeoutMs),
      socketTimeout: timeoutMs,
    };
    this.#sessions = new SmtpSessions(options, connections);
  }

  async send(mail: Mail, signal: AbortSignal): Promise<Sent> {
    const { orderId, occasion, resendId, to, subject, text, html } = mail;
    const which = [orderId, occasion, ...(resendId === undefined ? [] : [resendId])].join('.');
    const messageId = `<${which}@${this.#domain}>`;
    if (!ADDRESS.test(to.email)) throw new PermanentError('mail.refused', `${messageId} goes to no mail address`);
    const headers = { 'Message-ID': messageId, 'X-Warren-Order': orderId, 'X-Warren-Occasion': occasion };
    const recipient = { name: to.name, address: to.email };
    const raw = toMime({ from: this.#from, to: recipient, date: new Date(), subject, headers, text, html });
    const envelope = { from: onTheWire(this.#from.address), to: onTheWire(to.email) };
    const refusal = await this.#provider.ask(() => this.#hand(envelope, raw, messageId, signal));
    if (refusal !== undefined) throw refusal;
    return { messageId };
  }

  /** Resolves with a refusal, if the server is well enough to refuse. @throws {ProviderIll} when it is not */
  async #hand(envelope: Envelope, raw: string, messageId: string, signal: AbortSignal): Promise<Error | undefined> {
    try {
      await this.#sessions.send(envelope, raw, signal);
      return undefined;
    } catch (cause) {
      if (isFinal(cause)) {
        return new PermanentError('mail.refused', `the mail server refuses ${messageId} for good`, { cause });
      }
      const failure = ['mail.unavailable', `the mail server has not taken ${messageId}`, { cause }] as const;
      if (isAnswer(cause)) return new TransientError(...failure);
      throw cutShort(signal) ? new TransientError(...failure) : new ProviderIll(...failure);
    }
  }

  async close(): Promise<void> {
    this.#sessions.close();
  }
}

/** One address and nothing but that: what more could stand in it, headers and further recipients are made of. */
const ADDRESS = /^[^\s<>()[\]",:;\\@]+@[^\s<>()[\]",:;\\@]+$/;

const ASCII = /^[!-~]*$/;

/** The address with its domain in ASCII, as the domain name system has it. */
function onTheWire(address: string): string {
  if (ASCII.test(address)) return address;
  const at = address.lastIndexOf('@') + 1;
  return address.slice(0, at) + (domainToASCII(address.slice(at)) || address.slice(at));
}

/** Whether the server, or nodemailer before it, refused this recipient or this mail; not us, and not just now. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, command, permanent } = error as Error & { code?: string; command?: string; permanent?: boolean };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && command !== 'MAIL FROM' && permanent !== false;
}

/** Whether the server has answered at all, other than that it is going away. */
function isAnswer(error: unknown): boolean {
  const { responseCode } = error as { readonly responseCode?: number };
  return responseCode !== undefined && responseCode !== CLOSING;
}
