/** The mail sink as a whole: SMTP in, HTTP out. */
import type { MailSinkEnvironment } from '../environment.js';
import { FaultSettings } from '../fault-settings.js';
import { serve } from '../http.js';
import type { Running } from '../lifecycle.js';
import { MailSinkApi } from './api.js';
import { MailStore } from './mail-store.js';
import { serveSmtp } from './smtp.js';

const LIMITS = { rejectRate: 1, acceptThenDropRate: 1, latencyMs: 600_000 };

export async function startMailSink(environment: MailSinkEnvironment): Promise<Running> {
  const mails = await MailStore.open(environment.directory);
  const faults = new FaultSettings(LIMITS, { rejectRate: 0, acceptThenDropRate: 0, latencyMs: 0 });
  const api = new MailSinkApi(mails, faults);
  const smtp = await serveSmtp(environment.smtpPort, mails, faults);
  const http = await serve(environment.httpPort, (request, response) => api.answer(request, response));
  return {
    url: http.url,
    smtpUrl: smtp.url,
    stop: async () => {
      await Promise.all([smtp.close(), http.close()]);
      await mails.close();
    },
  };
}
