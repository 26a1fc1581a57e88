/** Tells people by mail, on a connection of its own each time: alerts are rare, and the mail server may be what is ill. */
import type { Receiver } from './receiver.js';
import { bodyText, headline } from './wording.js';

const TIMEOUT_MS = 10_000;

export interface MailOptions {
  /** `smtp://` or `smtps://`, with user and password where the server wants them. */
  readonly url: string;
  readonly from: string;
  /** Addresses separated by commas. */
  readonly to: string;
}

export const mail = ({ url, from, to }: MailOptions): Receiver => ({
  name: 'mail',
  async tell(bulletin) {
    // Loaded when there is something to tell: it takes a megabyte.
    const { createTransport } = await import('nodemailer');
    const limits = { connectionTimeout: TIMEOUT_MS, greetingTimeout: TIMEOUT_MS, socketTimeout: TIMEOUT_MS };
    const transport = createTransport({ url, ...limits });
    try {
      const subject = `Warren: ${headline(bulletin)}`;
      await transport.sendMail({
        from,
        to,
        subject,
        text: bodyText(bulletin),
        headers: { 'X-Warren-Occasion': 'alert' },
      });
    } finally {
      transport.close();
    }
  },
});
