/** One session with the mail server: greeted, encrypted where the server can, logged in. It carries one mail at a time. */
import SMTPConnection, { type SMTPConnectionAuth, type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { gatheringSocket } from '../../shared/sockets/gather-writes.js';

export interface SmtpSessionOptions extends SMTPConnectionOptions {
  /** Given where the server wants a login. */
  readonly auth?: SMTPConnectionAuth | undefined;
}

export interface Envelope {
  readonly from: string;
  readonly to: string;
}

export class SmtpSession {
  readonly #connection: SMTPConnection;
  #ended = false;
  /** Of whoever waits for the server now; a connection that is closed answers nobody by itself. */
  #fail: ((error: Error) => void) | undefined;

  /** @param onEnd called once, when the connection is over or never came to be */
  constructor(options: SmtpSessionOptions, onEnd: () => void) {
    this.#connection = new SMTPConnection({ ...options, socket: gatheringSocket() });
    this.#connection.on('error', (error) => this.#fail?.(error));
    this.#connection.once('end', () => {
      this.#ended = true;
      this.#fail?.(new Error('the connection to the mail server is closed'));
      onEnd();
    });
  }

  /** Connects and logs in. Rejects with nodemailer's error. */
  async open(auth: SMTPConnectionAuth | undefined, signal: AbortSignal): Promise<void> {
    await this.#answer(signal, (done) => this.#connection.connect(done));
    if (auth !== undefined && this.#connection.allowsAuth) {
      await this.#answer(signal, (done) => this.#connection.login(auth, done));
    }
  }

  /** Resolves when the server has taken the mail. Rejects with nodemailer's error, and then the session is over. */
  async send(envelope: Envelope, mail: string, signal: AbortSignal): Promise<void> {
    await this.#answer(signal, (done) => this.#connection.send({ from: envelope.from, to: [envelope.to] }, mail, done));
  }

  close(): void {
    this.#connection.close();
  }

  async #answer(signal: AbortSignal, ask: (done: (error?: Error | null) => void) => void): Promise<void> {
    const abort = (): void => this.close();
    try {
      signal.throwIfAborted();
      await new Promise<void>((resolve, reject) => {
        if (this.#ended) return reject(new Error('the mail server has ended the session'));
        this.#fail = reject;
        signal.addEventListener('abort', abort);
        ask((error) => (error ? reject(error) : resolve()));
      });
    } catch (error) {
      this.close();
      throw error;
    } finally {
      this.#fail = undefined;
      signal.removeEventListener('abort', abort);
    }
  }
}
