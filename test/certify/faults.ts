/** Makes the sandbox fail, or stop failing: a share of the requests to the provider, a share of the mails. */
import type { Deployment } from '../support/deployment.js';
import { setSandbox } from '../support/sandbox-settings.js';

export async function setFaults(
  { providerUrl, sinkUrl }: Deployment,
  { errorRate, rejectRate }: { readonly errorRate: number; readonly rejectRate: number },
): Promise<void> {
  await setSandbox(providerUrl, { errorRate });
  await setSandbox(sinkUrl, { rejectRate });
}
