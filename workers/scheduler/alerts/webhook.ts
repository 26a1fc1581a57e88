/** Tells a webhook by POST. Its URL is a secret at most who offer one: it stands in no error. */
import type { Receiver } from './receiver.js';
import { asJson } from './wording.js';

const ANSWER_WITHIN_MS = 10_000;

export const webhook = (url: string): Receiver => ({
  name: 'webhook',
  async tell(bulletin) {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(asJson(bulletin)),
      redirect: 'error',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await response.body?.cancel();
    if (!response.ok) throw new Error(`the webhook answered ${response.status}`);
  },
});
