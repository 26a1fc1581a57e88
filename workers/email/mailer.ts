/** What email needs of a mail server. */
import type { Mail } from './mails.js';

export interface Mailer {
  /**
   * Hands the mail over. It has the same Message-ID whenever it is sent: a second copy can be told.
   * @throws {TransientError} when the server may or may not have taken it
   * @throws {PermanentError} when the server will never take it
   */
  send(mail: Mail, signal: AbortSignal): Promise<Sent>;
}
/** The token under which the adapter is registered. */
export const Mailer = Symbol('Mailer');

export interface Sent {
  /** With its angle brackets. */
  readonly messageId: string;
}
