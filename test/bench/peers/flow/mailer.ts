/** Mail over SMTP, on connections that nodemailer keeps. */
import { createTransport, type Transporter } from 'nodemailer';
import type { Mail } from './mails.js';

const CONNECTIONS = 10;

export class Mailer {
  readonly #transport: Transporter;
  readonly #from: string;
  readonly #domain: string;

  constructor(url: string, from: string) {
    const { hostname, port } = new URL(url);
    this.#from = from;
    this.#domain = /@([^\s>]+)/.exec(from)?.[1] ?? 'localhost';
    this.#transport = createTransport({
      pool: true,
      host: hostname,
      port: Number(port),
      maxConnections: CONNECTIONS,
      maxMessages: Number.POSITIVE_INFINITY,
    });
  }

  /** Returns the Message-ID, which is the same whenever the mail is sent. */
  async send({ orderId, occasion, to, subject, text, html }: Mail): Promise<string> {
    const messageId = `<${orderId}.${occasion}@${this.#domain}>`;
    await this.#transport.sendMail({
      from: this.#from,
      to: { name: to.name, address: to.email },
      subject,
      text,
      html,
      messageId,
      headers: { 'X-Warren-Order': orderId, 'X-Warren-Occasion': occasion },
    });
    return messageId;
  }

  close(): void {
    this.#transport.close();
  }
}
