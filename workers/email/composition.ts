/** What email needs from outside: a mail server, and a name to write under. */
import { url, type Variable, words } from '../../config/variable.js';
import { compose } from '../../shared/actors/composition.js';
import { Provider } from '../../shared/providers/provider.js';
import { providerVariables } from '../../shared/providers/variables.js';
import { Mailer } from './mailer.js';
import type { Mailbox } from './mime.js';
import { SmtpMailer } from './smtp-mailer.js';

export const composition = compose({
  variables: {
    url: url({ names: ['SMTP_URL'], meaning: 'mail server, with user and password in it' }, ['smtp', 'smtps']),
    ...providerVariables('SMTP', 'mail server', 20),
    from: mailbox('MAIL_FROM', 'the sender of the mails to customers'),
  },
  register(container, settings, closing, dependsOn) {
    const provider = new Provider({ name: 'mail server', ...settings });
    dependsOn(provider);
    const mailer = new SmtpMailer({ ...settings, provider });
    container.registerInstance<Mailer>(Mailer, mailer);
    closing(() => mailer.close());
  },
});

const ADDRESS = '[^\\s<>@]+@[^\\s<>@]+';
const MAILBOX = new RegExp(`^(?:(?<name>[^<>\\r\\n]*)<(?<boxed>${ADDRESS})>|(?<bare>${ADDRESS}))$`);

function mailbox(name: string, meaning: string): Variable<Mailbox> {
  return {
    ...words({ names: [name], meaning }),
    expects: 'a mail address such as Shop <orders@shop.example>',
    parse(value) {
      const { name: sender, boxed, bare } = MAILBOX.exec(value)?.groups ?? {};
      const address = boxed ?? bare;
      if (!address) throw new RangeError();
      return { name: sender?.trim() ?? '', address };
    },
  };
}
