/** Payment provider, carrier and mail server are slow, hang, fail, and lie about what they have done. */
import { setSandbox } from '../../support/sandbox-settings.js';
import type { Fault, Injected } from '../fault.js';

/** @param settings as `sandbox/README.md` has them, each with its sound value 0 */
const provider = (name: string, what: string, settings: Readonly<Record<string, number>>): Fault => ({
  name,
  what,
  touches: ['providers'],
  weight: 1,
  lastsMs: [5000, 25_000],
  inject: ({ fleet }) => unsound(fleet.providerUrl, settings),
});

const mailServer = (name: string, what: string, settings: Readonly<Record<string, number>>): Fault => ({
  ...provider(name, what, settings),
  inject: ({ fleet }) => unsound(fleet.mailSinkUrl, settings),
});

export const providerFaults: readonly Fault[] = [
  provider('provider-slow', 'the provider takes three seconds for everything', { latencyMs: 3000 }),
  provider('provider-hangs', 'the provider does half of what it is asked and never answers', { hangAfterRate: 0.5 }),
  provider('provider-fails', 'half of the requests fail, done or not', { errorRate: 0.5 }),
  provider('provider-lies', 'the provider does it, and says that it failed or breaks the connection', {
    errorAfterRate: 0.3,
    resetAfterRate: 0.3,
  }),
  provider('provider-away', 'the provider is not available', { unavailableRate: 1 }),
  mailServer('mail-refused', 'the mail server refuses half of the mails', { rejectRate: 0.5 }),
  mailServer('mail-lies', 'the mail server takes mails and breaks the connection before it says so', {
    acceptThenDropRate: 0.5,
  }),
];

async function unsound(url: string, settings: Readonly<Record<string, number>>): Promise<Injected> {
  await setSandbox(url, settings);
  const sound = Object.fromEntries(Object.keys(settings).map((setting) => [setting, 0]));
  return { victim: Object.keys(settings).join(', '), heal: () => setSandbox(url, sound) };
}
