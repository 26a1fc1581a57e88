/** Mail over SMTP, on connections that are kept. */
import { createTransport } from 'nodemailer';
import { PermanentError, TransientError } from '../../shared/actors/errors.js';
import type { Mailer, Sent } from './mailer.js';
import type { Mail } from './mails.js';

const CONNECT_TIMEOUT_MS = 5_000;
const ANSWER_TIMEOUT_MS = 10_000;

export interface SmtpMailerOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  readonly from: Mailbox;
  /** Kept open at most. */
  readonly connections: number;
}

export interface Mailbox {
  readonly name: string;
  readonly address: string;
}

export class SmtpMailer implements Mailer {
  readonly #transport;
  readonly #from: Mailbox;
  readonly #domain: string;

  constructor({ url, from, connections }: SmtpMailerOptions) {
    this.#from = from;
    this.#domain = from.address.slice(from.address.lastIndexOf('@') + 1);
    this.#transport = createTransport({
      url,
      pool: true,
      maxConnections: connections,
      maxMessages: Number.POSITIVE_INFINITY,
      // A broken connection leaves open what was sent; the retry ladder decides, not the pool.
      maxRequeues: 0,
      connectionTimeout: CONNECT_TIMEOUT_MS,
      greetingTimeout: CONNECT_TIMEOUT_MS,
      socketTimeout: ANSWER_TIMEOUT_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send({ orderId, occasion, to, subject, text, html }: Mail, signal: AbortSignal): Promise<Sent> {
    const messageId = `<${orderId}.${occasion}@${this.#domain}>`;
    try {
      await this.#transport.sendMail({
        from: this.#from,
        // As an object, not a text to be parsed: whatever stands in it, there is one recipient.
        to: { name: to.name, address: to.email },
        subject,
        text,
        html,
        messageId,
        headers: { 'X-Warren-Order': orderId, 'X-Warren-Occasion': occasion },
        signal,
      });
    } catch (cause) {
      throw isFinal(cause)
        ? new PermanentError('mail.refused', `the mail server refuses ${messageId} for good`, { cause })
        : new TransientError('mail.unavailable', `the mail server has not taken ${messageId}`, { cause });
    }
    return { messageId };
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}

/** Whether the server, or nodemailer before it, refused this recipient or this mail; not us, and not just now. */
function isFinal(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, command, permanent } = error as Error & { code?: string; command?: string; permanent?: boolean };
  return (code === 'EENVELOPE' || code === 'EMESSAGE') && command !== 'MAIL FROM' && permanent !== false;
}
